package llsd

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
	"github.com/slload/slload/internal/xmltext"
)

// xmlScalar turns the text of a scalar element into its value. An empty
// element is the type's default: 0, false, the nil uuid, the epoch, "".
func xmlScalar(tag xmltext.Tag, text []byte) (any, error) {
	switch string(tag.Name) {
	case "string":
		return string(text), nil
	case "uri":
		return URI(bytes.TrimSpace(text)), nil
	case "binary":
		return decodeBytes(string(tag.Encoding), text)
	}
	text = bytes.TrimSpace(text)
	switch string(tag.Name) {
	case "undef":
		return nil, nil
	case "boolean":
		return parseBool(string(text))
	case "integer":
		return parseInteger(string(text))
	case "real":
		return parseReal(string(text))
	case "uuid":
		return parseUUID(text)
	case "date":
		return parseDate(string(text))
	}
	return nil, fmt.Errorf("<%s> is no LLSD type", tag.Name)
}

func parseUUID(text []byte) (uuid.UUID, error) {
	if len(text) == 0 {
		return uuid.Nil, nil
	}
	id, err := uuid.ParseBytes(text)
	if err != nil {
		return id, fmt.Errorf("%d bytes of text are no uuid", len(text))
	}
	return id, nil
}

// decodeBytes decodes base64 (the default) and base16. White space in it is
// ignored, and padding may be missing.
func decodeBytes(encoding string, text []byte) ([]byte, error) {
	text = dropSpace(text)
	switch encoding {
	case "", "base64":
		text = bytes.TrimRight(text, "=")
		out := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
		n, err := base64.RawStdEncoding.Decode(out, text)
		if err != nil {
			return nil, fmt.Errorf("binary is no base64: %w", err)
		}
		return out[:n], nil
	case "base16":
		out := make([]byte, hex.DecodedLen(len(text)))
		if _, err := hex.Decode(out, text); err != nil {
			return nil, fmt.Errorf("binary is no base16: %w", err)
		}
		return out, nil
	}
	return nil, fmt.Errorf("binary encoding %q is unknown; base64 and base16 are known", encoding)
}

// dropSpace returns text without its white space: itself where it has none.
func dropSpace(text []byte) []byte {
	if !bytes.ContainsAny(text, " \t\r\n") {
		return text
	}
	return bytes.Join(bytes.Fields(text), nil)
}
