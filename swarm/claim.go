package swarm

import "sync/atomic"

// claimed are the file descriptors of all runs of this process: the limit is the
// process's, and it has two runs where it takes over another's share.
var claimed atomic.Int64

// claim is what of claimed is one run's. It belongs to Run's goroutine.
type claim int64

// take makes the claim that of a run of a size, and gives what all runs come to.
// The error tells what is missing; the claim is then as it was.
func (c *claim) take(z Size, limits Limits) (all uint64, err error) {
	need := claim(z.Descriptors())
	total := claimed.Add(int64(need - *c))
	others := uint64(total - int64(need))
	if limits.Descriptors > 0 { // 0 stands for no limit
		limits.Descriptors = max(limits.Descriptors, others+1) - others
		limits.MaxDescriptors = max(limits.MaxDescriptors, others+1) - others
	}
	if missing := z.Missing(limits); len(missing) > 0 {
		claimed.Add(int64(*c - need))
		return 0, &ConfigError{shortages(missing)}
	}
	*c = need
	return uint64(total), nil
}

// giveBack is for a run that has ended.
func (c *claim) giveBack() {
	claimed.Add(int64(-*c))
	*c = 0
}

// ensure raises what can be raised for so many agents of the share, and tells what
// is missing then.
func (s *swarm) ensure(agents int) error {
	all, err := s.claim.take(s.size(agents), MachineLimits())
	if err != nil {
		return err
	}
	return raiseDescriptors(all)
}
