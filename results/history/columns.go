package history

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/slload/slload/results"
)

// writeColumns writes a table whose columns are as wide as they must be. What
// would move a cursor is taken out: directories and tags have any name.
func writeColumns(w io.Writer, table [][]string) error {
	var widths []int
	for _, row := range table {
		for i, cell := range row {
			row[i] = results.Plain(cell)
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	for _, row := range table {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		if _, err := io.WriteString(w, strings.TrimRight(b.String(), " ")+"\n"); err != nil {
			return err
		}
	}
	return nil
}
