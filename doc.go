// Package slload is the root of the slload module and holds no code: the
// command lives in cmd/slload, the client library starts at package agent.
//
// What may import what is drawn in DESIGN.md and kept by deps_test.go beside
// this file.
package slload
