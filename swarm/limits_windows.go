package swarm

// MachineLimits: Windows bounds neither sockets nor files in a way that a
// process could ask for.
func MachineLimits() Limits { return Limits{} }

func raiseDescriptors(uint64) error { return nil }
