package screen

import "strings"

// kept is how many seconds of a series are kept: the widest terminal's.
const kept = 240

// series are the values of the last seconds.
type series []float64

func (s *series) add(v float64) {
	*s = append(*s, max(v, 0))
	if len(*s) > kept {
		*s = (*s)[len(*s)-kept:]
	}
}

var blocks = []rune("▁▂▃▄▅▆▇█")

// spark draws the last values that fit into width columns, from 0 to the
// greatest of them; the newest is at the right.
func (s series) spark(width int) string {
	if width < 1 {
		return ""
	}
	shown := s[max(0, len(s)-width):]
	most := 0.0
	for _, v := range shown {
		most = max(most, v)
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", width-len(shown)))
	for _, v := range shown {
		at := 0
		if most > 0 {
			at = min(int(v/most*float64(len(blocks))), len(blocks)-1)
		}
		b.WriteRune(blocks[at])
	}
	return b.String()
}
