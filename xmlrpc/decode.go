package xmlrpc

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/slload/slload/internal/xmltext"
)

// What a decoder takes at most. A login answer with an inventory of 10,000
// folders has some 60,000 values in 4 MB.
const (
	MaxBytes  = 32 << 20
	MaxDepth  = 32
	MaxValues = 1 << 18
)

// A SyntaxError is a document that is no XML-RPC of the kind expected.
type SyntaxError struct {
	Offset int64 // byte at which it went wrong
	Msg    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("xmlrpc: byte %d: %s", e.Offset, e.Msg)
}

// A LimitError says which bound a document broke.
type LimitError struct {
	Limit string // "bytes", "depth" or "values"
	Max   int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("xmlrpc: the document has more than %d %s", e.Max, e.Limit)
}

// A Fault is the answer of a server that could not do what it was asked.
type Fault struct {
	Code    int32
	Message string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("xmlrpc: the server answered with fault %d: %s", f.Code, f.Message)
}

// UnmarshalRequest decodes a methodCall. Errors are *SyntaxError and
// *LimitError.
func UnmarshalRequest(data []byte) (method string, params []any, err error) {
	d, err := newDecoder(data)
	if err != nil {
		return "", nil, err
	}
	defer d.release()
	method, params, err = d.request()
	return method, params, syntaxError(err)
}

func (d *decoder) request() (method string, params []any, err error) {
	if err := d.open("methodCall"); err != nil {
		return "", nil, err
	}
	if err := d.open("methodName"); err != nil {
		return "", nil, err
	}
	text, err := d.text("methodName")
	if err != nil {
		return "", nil, err
	}
	method = strings.TrimSpace(string(text))
	name, err := d.openOrClose("params", "/methodCall")
	if err != nil {
		return "", nil, err
	}
	if name == "params" {
		if params, err = d.params(); err != nil {
			return "", nil, err
		}
		if err := d.close("methodCall"); err != nil {
			return "", nil, err
		}
	}
	return method, params, d.end()
}

// UnmarshalResponse decodes a methodResponse into its value. A fault comes
// back as a *Fault; the other errors are *SyntaxError and *LimitError.
func UnmarshalResponse(data []byte) (any, error) { return UnmarshalRows(data, nil) }

// UnmarshalRows is UnmarshalResponse for an answer that is one struct, of
// which some members are long lists of structs: those for which rows gives
// where to put them are read row by row. Where such a member isn't of that
// form, the value is what UnmarshalResponse gives.
func UnmarshalRows(data []byte, rows func(member string) Rows) (any, error) {
	d, err := newDecoder(data)
	if err != nil {
		return nil, err
	}
	defer d.release()
	d.rows = rows
	value, err := d.response()
	return value, syntaxError(err)
}

func (d *decoder) response() (any, error) {
	if err := d.open("methodResponse"); err != nil {
		return nil, err
	}
	kind, err := d.openOrClose("params", "fault")
	if err != nil {
		return nil, err
	}
	var value any
	if kind == "fault" {
		value, err = d.fault()
	} else {
		value, err = d.result()
	}
	if err != nil {
		return nil, err
	}
	if err := d.close("methodResponse"); err != nil {
		return nil, err
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	if fault, ok := value.(*Fault); ok {
		return nil, fault
	}
	return value, nil
}

// result reads the single param of an answer, after <params>.
func (d *decoder) result() (any, error) {
	params, err := d.params()
	if err == nil && len(params) != 1 {
		err = d.Errorf("expected an answer of one value, found %d", len(params))
	}
	if err != nil {
		return nil, err
	}
	return params[0], nil
}

// fault reads what <fault> holds.
func (d *decoder) fault() (*Fault, error) {
	if err := d.open("value"); err != nil {
		return nil, err
	}
	v, err := d.value()
	if err != nil {
		return nil, err
	}
	members, _ := v.(map[string]any)
	code, okCode := members["faultCode"].(int32)
	message, okMessage := members["faultString"].(string)
	if !okCode || !okMessage {
		return nil, d.Errorf("expected a fault of faultCode and faultString")
	}
	return &Fault{code, message}, d.close("fault")
}

// decoder walks over the tags and texts of one document.
type decoder struct {
	xmltext.Scanner
	names   xmltext.Names
	pending string // the end tag of an empty element, to come next
	slashed []byte // scratch for the names of end tags
	depth   int
	values  int                      // that may still come
	rows    func(member string) Rows // nil: no member is read in rows
}

// decoders keeps the scratch and the names for the next document: the answer
// to each login has the same.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

func newDecoder(data []byte) (*decoder, error) {
	if len(data) > MaxBytes {
		return nil, &LimitError{"bytes", MaxBytes}
	}
	d := decoders.Get().(*decoder)
	d.pending, d.depth, d.values, d.rows = "", 0, MaxValues, nil
	d.Reset(data)
	return d, nil
}

func (d *decoder) release() {
	d.Release()
	d.rows = nil
	decoders.Put(d)
}

// syntaxError is err as this package's callers know it.
func syntaxError(err error) error {
	var syntax *xmltext.Error
	if errors.As(err, &syntax) {
		return &SyntaxError{int64(syntax.Offset), syntax.Msg}
	}
	return err
}

// params reads <param>s up to </params>.
func (d *decoder) params() ([]any, error) {
	var params []any
	for {
		name, err := d.openOrClose("param", "/params")
		if err != nil || name == "/params" {
			return params, err
		}
		if err := d.open("value"); err != nil {
			return nil, err
		}
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		if err := d.close("param"); err != nil {
			return nil, err
		}
		params = append(params, v)
	}
}

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
