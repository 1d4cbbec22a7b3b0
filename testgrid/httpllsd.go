package testgrid

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/slload/slload/llsd"
)

// readLLSD decodes a request's body, of at most limit bytes, into v. What can't be
// read is answered with 400, and false is returned.
func readLLSD(w http.ResponseWriter, r *http.Request, limit int64, v any) bool {
	limits := llsd.DefaultLimits
	limits.MaxBytes = int(limit)
	if err := llsd.NewXMLDecoder(r.Body, limits).Decode(v); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func writeLLSD(w http.ResponseWriter, contentType string, v any) {
	writeEncoded(w, contentType, func(dst []byte) ([]byte, error) { return llsd.AppendXML(dst, v) })
}

// answers holds what answers are encoded into; mostKeptAnswer, in bytes, keeps a
// long one's from staying for ever.
var answers = sync.Pool{New: func() any { return new([]byte) }}

const mostKeptAnswer = 64 << 10

// writeEncoded answers with what encode appends.
func writeEncoded(w http.ResponseWriter, contentType string, encode func(dst []byte) ([]byte, error)) {
	held := answers.Get().(*[]byte)
	body, err := encode((*held)[:0])
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	} else {
		writeBody(w, contentType, body)
	}
	if cap(body) <= mostKeptAnswer {
		*held = body
		answers.Put(held)
	}
}

// writeBody answers 200 in one piece. That the client may have gone is no matter
// here.
func writeBody(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
