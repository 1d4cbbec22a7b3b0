package message

import (
	"sync"

	"github.com/slload/slload/message/template"
)

// Catalogue finds the messages of a template by number and name, for templates
// that are loaded at run time. It doesn't change once made and may be shared.
type Catalogue struct {
	byNumber map[Number]*template.Message
	byName   map[string]*template.Message
}

// LoadCatalogue indexes a template, which the catalogue keeps.
func LoadCatalogue(t *template.Template) *Catalogue {
	c := &Catalogue{
		byNumber: make(map[Number]*template.Message, len(t.Messages)),
		byName:   make(map[string]*template.Message, len(t.Messages)),
	}
	for i := range t.Messages {
		c.add(&t.Messages[i])
	}
	return c
}

// CompiledIn returns the catalogue of the generated types.
var CompiledIn = sync.OnceValue(func() *Catalogue {
	c := &Catalogue{byNumber: map[Number]*template.Message{}, byName: map[string]*template.Message{}}
	for id := range ID(NumMessages) {
		c.add(id.Descriptor())
	}
	return c
})

func (c *Catalogue) add(m *template.Message) {
	c.byNumber[Number(m.WireNumber())] = m
	c.byName[m.Name] = m
}

// Lookup returns the message that has the number.
func (c *Catalogue) Lookup(n Number) (*template.Message, bool) {
	m, ok := c.byNumber[n]
	return m, ok
}

// ByName returns the message that has the name, in the template's spelling.
func (c *Catalogue) ByName(name string) (*template.Message, bool) {
	m, ok := c.byName[name]
	return m, ok
}

// Decode reads a zero-decoded body, number and blocks, and returns how many bytes
// it read. It fails with ErrNumber, an *UnknownError or a *ShortError.
func (c *Catalogue) Decode(body []byte) (*Dynamic, int, error) {
	number, start, err := ReadNumber(body)
	if err != nil {
		return nil, 0, err
	}
	desc, ok := c.Lookup(number)
	if !ok {
		return nil, start, &UnknownError{number}
	}
	d := &Dynamic{Desc: desc}
	n, err := d.DecodeBody(body[start:])
	if err != nil {
		return nil, start + n, err
	}
	return d, start + n, nil
}
