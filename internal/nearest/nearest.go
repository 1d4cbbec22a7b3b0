// Package nearest finds what somebody may have meant who mistyped a word. It
// imports nothing of ours; profiles hint at keys with it, behaviors at names,
// results/history at metrics.
package nearest

import "strings"

// Hint returns ", did you mean WORD?" of the known word nearest to a mistyped
// one, to stand behind an error's text, or nothing if none is near.
func Hint(word string, known []string) string {
	if len(word) > 64 {
		return "" // no slip of the finger
	}
	best, at := "", 1+max(2, len(word)/3)
	for _, k := range known {
		d := distance(fold(word), fold(k))
		if len(word) >= 3 && strings.HasPrefix(fold(k), fold(word)) {
			d = min(d, 1) // password for password_env
		}
		nearer := d < at || d == at && best != "" && apart(word, k) < apart(word, best)
		if nearer && d < len(k) {
			best, at = k, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

// apart is the difference in length: letters that are swapped keep it.
func apart(a, b string) int { return max(len(a)-len(b), len(b)-len(a)) }

// fold makes loginRate, login-rate and login_rate alike.
func fold(s string) string { return joiners.Replace(strings.ToLower(s)) }

var joiners = strings.NewReplacer("-", "", "_", "")

// distance is Levenshtein's edit distance by bytes: the least number of bytes
// to insert, delete or replace that turns a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
