package llsd

import "github.com/slload/slload/internal/xmltext"

// decodeFlat decodes what a thousand logins a second bring, and nothing else: a
// map of strings into an empty map[string]string, an array of strings into a
// []string, in XML to the letter. A tree of boxed values between takes three
// times the memory. It tells whether it could; if not, v is as it was, and what
// the document is shows when it is decoded as any other.
func decodeFlat(data []byte, format Format, limits Limits, v any) bool {
	switch v := v.(type) {
	case *map[string]string:
		return v != nil && *v == nil && readFlat(data, format, limits, func(d *xmlDecoder) bool { return d.flatMap(v) })
	case *[]string:
		return v != nil && readFlat(data, format, limits, func(d *xmlDecoder) bool { return d.flatArray(v) })
	}
	return false
}

// readFlat reads a document of one value.
func readFlat(data []byte, format Format, limits Limits, value func(d *xmlDecoder) bool) bool {
	if len(data) > limits.MaxBytes || format != XML && (format != Auto || Detect(data) != XML) {
		return false
	}
	d := xmlDecoders.Get().(*xmlDecoder)
	defer d.release()
	d.budget = budget{limits: limits}
	d.Reset(data)
	return d.SkipMisc() == nil && d.Opens("llsd") && d.value() == nil && value(d)
}

// ended reads the end of the document, after its value.
func (d *xmlDecoder) ended() bool {
	return d.Closes("llsd") && d.SkipMisc() == nil && d.AtEnd()
}

// mostRoom bounds the room that is made before anything was read.
const mostRoom = 128

func (d *xmlDecoder) flatMap(into *map[string]string) bool {
	if !d.Opens("map") {
		return false
	}
	m := make(map[string]string, min(d.Count("<key>"), mostRoom))
	for d.Opens("key") {
		text, ok := d.flatText("key")
		if !ok {
			return false
		}
		name := d.keys.Get(text)
		if d.value() != nil || !d.Opens("string") {
			return false
		}
		if text, ok = d.flatText("string"); !ok {
			return false
		}
		m[name] = string(text)
	}
	if !d.Closes("map") || !d.ended() {
		return false
	}
	*into = m
	return true
}

func (d *xmlDecoder) flatArray(into *[]string) bool {
	if !d.Opens("array") {
		return false
	}
	a := make([]string, 0, min(d.Count("<string>"), mostRoom))
	for d.Opens("string") {
		text, ok := d.flatText("string")
		if !ok || d.value() != nil {
			return false
		}
		a = append(a, d.keys.Get(text)) // names, mostly, that were seen before
	}
	if !d.Closes("array") || !d.ended() {
		return false
	}
	*into = a
	return true
}

// flatText reads text up to and with the end tag.
func (d *xmlDecoder) flatText(name string) ([]byte, bool) {
	text, err := d.Characters()
	return xmltext.Legal(text), err == nil && d.Closes(name)
}
