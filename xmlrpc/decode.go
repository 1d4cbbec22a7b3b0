package xmlrpc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
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
	if err := d.open("methodCall"); err != nil {
		return "", nil, err
	}
	if err := d.open("methodName"); err != nil {
		return "", nil, err
	}
	if method, err = d.text("methodName"); err != nil {
		return "", nil, err
	}
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
	return strings.TrimSpace(method), params, d.end()
}

// UnmarshalResponse decodes a methodResponse into its value. A fault comes
// back as a *Fault; the other errors are *SyntaxError and *LimitError.
func UnmarshalResponse(data []byte) (any, error) {
	d, err := newDecoder(data)
	if err != nil {
		return nil, err
	}
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
		err = d.errorf("expected an answer of one value, found %d", len(params))
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
		return nil, d.errorf("expected a fault of faultCode and faultString")
	}
	return &Fault{code, message}, d.close("fault")
}

// decoder walks over the tokens of one document.
type decoder struct {
	xml    *xml.Decoder
	depth  int
	values int // that may still come
}

func newDecoder(data []byte) (*decoder, error) {
	if len(data) > MaxBytes {
		return nil, &LimitError{"bytes", MaxBytes}
	}
	return &decoder{xml: xml.NewDecoder(bytes.NewReader(data)), values: MaxValues}, nil
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

// token returns the next start tag as "name", end tag as "/name", and text
// as it is with text set; comments and processing instructions are skipped.
func (d *decoder) token() (name string, text []byte, err error) {
	for {
		tok, err := d.xml.Token()
		if errors.Is(err, io.EOF) {
			return "", nil, d.errorf("the document ends too early")
		}
		if err != nil {
			return "", nil, d.xmlError(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			return tok.Name.Local, nil, nil
		case xml.EndElement:
			return "/" + tok.Name.Local, nil, nil
		case xml.CharData:
			return "", tok, nil
		case xml.Directive:
			return "", nil, d.errorf("a DOCTYPE or other declaration is not allowed")
		}
	}
}

// xmlError hides the parser's type, and keeps its message.
func (d *decoder) xmlError(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return d.errorf("%s", syntax.Msg)
	}
	return d.errorf("%v", err)
}

// tag is token without text: only white space may stand there.
func (d *decoder) tag() (string, error) {
	for {
		name, text, err := d.token()
		if err != nil || name != "" {
			return name, err
		}
		if len(bytes.TrimSpace(text)) > 0 {
			return "", d.errorf("expected a tag, found text")
		}
	}
}

func (d *decoder) openOrClose(names ...string) (string, error) {
	name, err := d.tag()
	if err != nil {
		return "", err
	}
	if !slices.Contains(names, name) {
		return "", d.errorf("expected <%s>, found <%s>", strings.Join(names, "> or <"), name)
	}
	return name, nil
}

func (d *decoder) open(name string) error {
	_, err := d.openOrClose(name)
	return err
}

func (d *decoder) close(name string) error { return d.open("/" + name) }

// text reads character data up to and with </name>.
func (d *decoder) text(name string) (string, error) {
	var all []byte
	for {
		tag, text, err := d.token()
		switch {
		case err != nil:
			return "", err
		case tag == "/"+name:
			return string(all), nil
		case tag != "":
			return "", d.errorf("expected </%s>, found <%s>", name, tag)
		}
		all = append(all, text...)
	}
}

// end makes sure that nothing follows the root element.
func (d *decoder) end() error {
	for {
		tok, err := d.xml.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return d.xmlError(err)
		}
		switch tok := tok.(type) {
		case xml.Comment, xml.ProcInst:
			continue
		case xml.CharData:
			if len(bytes.TrimSpace(tok)) == 0 {
				continue
			}
		}
		return d.errorf("expected the end of the document")
	}
}

func (d *decoder) errorf(format string, args ...any) error {
	return &SyntaxError{d.xml.InputOffset(), fmt.Sprintf(format, args...)}
}
