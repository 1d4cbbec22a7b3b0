// Package pagestyle is the style sheet that the pages of slload share: those of
// a run (results/page), a comparison (results/compare) and a trend
// (results/history). They are single files that load nothing, so each carries
// all of it. The package imports nothing of ours.
package pagestyle

import (
	_ "embed" // the sheet
	"html/template"
)

//go:embed style.css
var sheet string

// Sheet is the style sheet, to stand in a page's style element. It has a light
// and a dark side and serves phones. The colours c1 to c6 of lines are told
// apart by colour-blind eyes; lines should differ in their dashes too.
func Sheet() template.CSS { return template.CSS(sheet) }
