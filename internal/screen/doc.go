// Package screen shows a run on a terminal while it goes on, and takes keys
// that steer it. It only draws: what it shows and what keys do comes from
// cmd/slload.
package screen
