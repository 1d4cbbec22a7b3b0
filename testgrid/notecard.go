package testgrid

import (
	"bytes"
	"strconv"
)

// notecard is a note's asset: a text in the form that viewers write, without
// embedded items.
func notecard(text string) []byte {
	var b bytes.Buffer
	b.WriteString("Linden text version 2\n{\nLLEmbeddedItems version 1\n{\ncount 0\n}\nText length ")
	b.WriteString(strconv.Itoa(len(text)))
	b.WriteString("\n" + text + "}\n")
	return b.Bytes()
}
