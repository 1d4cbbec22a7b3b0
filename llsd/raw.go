package llsd

import "github.com/slload/slload/internal/xmltext"

// Raw is a value that was kept as the XML of its element, to be decoded when
// somebody wants it.
type Raw []byte

// DecodeWithRaw is Decode for documents of which most parts are wanted by
// nobody: where it is XML, the members of that name of any map are kept as Raw,
// which aliases data. That their elements are well-formed, within all limits,
// is made sure; what the scalars in them hold is not. In the other
// serialisations they are values like any other.
func DecodeWithRaw(data []byte, member string, v any) error {
	limits := Limits{}.withDefaults()
	if len(data) > limits.MaxBytes || Detect(data) != XML {
		return Decode(data, v)
	}
	value, err := readXML(data, limits, member, (*xmlDecoder).document)
	if err != nil {
		return err
	}
	return Convert(value, v)
}

// Decode decodes the value into v as [Decode] does a document.
func (r Raw) Decode(v any) error {
	value, err := readXML(r, Limits{}.withDefaults(), "", (*xmlDecoder).fragment)
	if err != nil {
		return err
	}
	return Convert(value, v)
}

// fragment reads one value that stands in no document.
func (d *xmlDecoder) fragment() (any, error) {
	tag, err := d.Next()
	if err != nil {
		return nil, err
	}
	return d.element(tag)
}

// skipped moves past the value whose start tag has been read, and gives it from
// start on.
func (d *xmlDecoder) skipped(tag xmltext.Tag, start int) (Raw, error) {
	if err := d.skip(tag); err != nil {
		return nil, err
	}
	return d.Since(start), nil
}

func (d *xmlDecoder) skip(tag xmltext.Tag) error {
	if err := d.value(); err != nil {
		return err
	}
	name := string(tag.Name)
	if name != "map" && name != "array" || tag.Closing { // a value can't begin with an end tag: content says so
		_, err := d.content(tag)
		return err
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	if tag.Empty {
		return nil
	}
	if name == "map" {
		return d.skipMembers()
	}
	return d.skipItems()
}

func (d *xmlDecoder) skipMembers() error {
	for {
		_, more, err := d.key()
		if !more || err != nil {
			return err
		}
		tag, err := d.Next()
		if err != nil {
			return err
		}
		if err := d.skip(tag); err != nil {
			return err
		}
	}
}

func (d *xmlDecoder) skipItems() error {
	for {
		tag, err := d.Next()
		if err != nil {
			return err
		}
		if tag.Closing {
			return d.expectEnd(tag, []byte("array"))
		}
		if err := d.skip(tag); err != nil {
			return err
		}
	}
}
