package xmltext

// Names shares the text of map keys, which repeat from event to event and
// from document to document. A key that falls on another's place replaces
// it: the cache never grows.
type Names [256]string

// Get returns the text of b, without an allocation if it was seen lately.
func (c *Names) Get(b []byte) string {
	const longest = 40
	if len(b) > longest {
		return string(b)
	}
	h := uint32(2166136261) // FNV-1a
	for _, x := range b {
		h = (h ^ uint32(x)) * 16777619
	}
	place := &c[h%uint32(len(c))]
	if *place != string(b) {
		*place = string(b)
	}
	return *place
}
