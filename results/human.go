package results

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Plain makes of a text that anybody may have made, such as a grid or who named
// a directory, what can stand in a line: letters that print, U+FFFD for others.
func Plain(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}

// Human writes a latency with three digits and the unit that suits it:
// "950 µs", "12.3 ms", "1.05 s", "10.4 min". Zero is "0 µs".
func Human(d time.Duration) string {
	number, unit := human(d)
	return number + " " + unit
}

var units = []struct {
	name string
	size time.Duration
	upTo time.Duration // what rounds to this much takes the next unit
}{
	{"µs", time.Microsecond, time.Millisecond},
	{"ms", time.Millisecond, time.Second},
	{"s", time.Second, 10 * time.Minute},
	{"min", time.Minute, 1 << 62},
}

func human(d time.Duration) (number, unit string) {
	for _, u := range units {
		number, unit = threeDigits(float64(d)/float64(u.size)), u.name
		v, _ := strconv.ParseFloat(number, 64)
		if v < float64(u.upTo)/float64(u.size) {
			break
		}
	}
	return number, unit
}

// threeDigits writes v with three significant digits and no exponent: 1.05,
// 10.4, 950.
func threeDigits(v float64) string {
	decimals := 0
	switch {
	case v == 0:
	case v < 9.995:
		decimals = 2
	case v < 99.95:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}
