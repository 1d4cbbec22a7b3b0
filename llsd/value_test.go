package llsd

import (
	"time"

	"github.com/google/uuid"
)

var (
	someID   = uuid.MustParse("6f9619ff-8b86-d011-b42d-00c04fc964ff")
	someDate = time.Date(2009, 2, 13, 23, 31, 30, 250_000_000, time.UTC)
	epoch    = time.Unix(0, 0).UTC()
)

// everyType holds each of LLSD's types once and in each other.
func everyType() map[string]any {
	return map[string]any{
		"undef":   nil,
		"yes":     true,
		"no":      false,
		"integer": int32(-2147483648),
		"real":    -0.5,
		"uuid":    someID,
		"string":  "a <b> & \"c\" 'd' \r\n\té☃",
		"binary":  []byte{0, 1, 254, 255},
		"date":    someDate,
		"uri":     URI("http://127.0.0.1:9000/CAPS/?a=1&b=2"),
		"map":     map[string]any{"": map[string]any{}, "key & <key>": "v"},
		"array":   []any{[]any{}, int32(1), nil},
	}
}
