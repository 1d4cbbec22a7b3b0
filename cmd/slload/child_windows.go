package main

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// ownGroup keeps a console's Ctrl-C from a child.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}
