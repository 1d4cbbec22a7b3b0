// Package history finds runs by their tags and follows a figure over builds. It
// reads an index of the run directories below a folder: a SQLite file in that
// folder, which is brought up to date whenever it is opened. The directories stay
// the truth; the index may be deleted at any time.
//
// It stands on results and results/page; `slload list` and `slload trend` are
// made of it.
package history
