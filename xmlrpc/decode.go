package xmlrpc

import (
	"errors"
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
