// Command slload loads a Second Life or OpenSimulator grid the way its
// residents do, and says how well the grid held.
//
// One file a subcommand; what they do lives in swarm, results and testgrid.
package main

import "os"

func main() { os.Exit(execute(os.Args[1:], os.Stdout, os.Stderr)) }
