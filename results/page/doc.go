// Package page draws a run as one HTML page: the verdict first, what was asked
// of the grid, then charts and tables of what came back. It reads a run
// directory through package results and writes report.html into it.
//
// The page is a single file that loads nothing. Its charts are SVG, drawn by
// gonum/plot; what they are coloured with is the style sheet's to say, so that
// they follow the reader's light or dark. Everything that came from a grid
// (names of regions, reasons of errors) is hostile: it stands in the HTML
// around the charts, escaped by html/template, and never in one.
//
// It stands on results; package web serves the same page while a run goes on.
package page
