package xmlrpc

import "github.com/slload/slload/internal/xmltext"

// tag returns the next start tag as "name" or end tag as "/name". Only white
// space, comments and processing instructions may stand before it.
func (d *decoder) tag() (string, error) {
	if name := d.pending; name != "" {
		d.pending = ""
		return name, nil
	}
	if err := d.SkipMisc(); err != nil {
		return "", err
	}
	t, err := d.Tag()
	if err != nil {
		return "", err
	}
	return d.named(t), nil
}

// named is the tag's name, as tag has it. An empty element is a start tag
// with its end tag behind it.
func (d *decoder) named(t xmltext.Tag) string {
	if t.Closing {
		return d.ending(t.Name)
	}
	if t.Empty {
		d.pending = d.ending(t.Name)
	}
	return d.names.Get(t.Name)
}

func (d *decoder) ending(name []byte) string {
	d.slashed = append(append(d.slashed[:0], '/'), name...)
	return d.names.Get(d.slashed)
}

// characters reads text up to the next tag: none in an empty element.
func (d *decoder) characters() ([]byte, error) {
	if d.pending != "" {
		return nil, nil
	}
	text, err := d.Characters()
	return xmltext.Legal(text), err
}

// opens and closes read the tag that is expected, if it stands there to the
// letter; tag reads it otherwise.
func (d *decoder) opens(name string) bool  { return d.pending == "" && d.Opens(name) }
func (d *decoder) closes(name string) bool { return d.pending == "" && d.Closes(name) }

// openOrClose reads a tag that must be one of two: a start and an end.
func (d *decoder) openOrClose(one, other string) (string, error) {
	switch {
	case d.opens(one):
		return one, nil
	case other[0] == '/' && d.closes(other[1:]):
		return other, nil
	}
	name, err := d.tag()
	if err == nil && name != one && name != other {
		err = d.Errorf("expected <%s> or <%s>, found <%s>", one, other, name)
	}
	return name, err
}

func (d *decoder) open(name string) error {
	if d.opens(name) {
		return nil
	}
	tag, err := d.tag()
	if err == nil && tag != name {
		err = d.Errorf("expected <%s>, found <%s>", name, tag)
	}
	return err
}

func (d *decoder) close(name string) error {
	if d.closes(name) {
		return nil
	}
	tag, err := d.tag()
	if err == nil && (tag[0] != '/' || tag[1:] != name) {
		err = d.Errorf("expected </%s>, found <%s>", name, tag)
	}
	return err
}

// text reads character data up to and with </name>. It is good until the next
// text is read.
func (d *decoder) text(name string) ([]byte, error) {
	text, err := d.characters()
	if err != nil {
		return nil, err
	}
	return text, d.close(name)
}

// end makes sure that nothing follows the root element.
func (d *decoder) end() error {
	if d.pending != "" {
		return d.Errorf("expected <%s>", d.pending)
	}
	if err := d.SkipMisc(); err != nil {
		return err
	}
	if !d.AtEnd() {
		return d.Errorf("expected the end of the document, found %s", d.Found())
	}
	return nil
}
