//go:build !linux

package swarm

import "errors"

// receiveBuffer is for shared sockets, which only Linux has.
func receiveBuffer(int) (bytes int, err error) { return 0, errors.ErrUnsupported }
