package testgrid

import (
	"net/http"
	"strconv"

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
	body, err := llsd.MarshalXML(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeBody(w, contentType, body)
}

// writeBody answers 200 in one piece. That the client may have gone is no matter
// here.
func writeBody(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
