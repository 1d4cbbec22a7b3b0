package agent

import "testing"

func TestMaskNamesItsBits(t *testing.T) {
	for mask, want := range map[Mask]string{
		0:                                 "none",
		PermMove:                          "move",
		PermCopy | PermTransfer:           "copy|transfer",
		PermAll:                           "copy|modify|transfer|move",
		PermModify | 1:                    "modify",
		PermAll &^ PermCopy &^ PermModify: "transfer|move",
		PermTransfer | PermModify | 1<<30: "modify|transfer",
	} {
		if got := mask.String(); got != want {
			t.Errorf("%#x is %q, want %q", uint32(mask), got, want)
		}
	}
}

func TestMaskHas(t *testing.T) {
	m := PermCopy | PermModify
	if !m.Has(PermCopy) || !m.Has(PermCopy|PermModify) || m.Has(PermCopy|PermTransfer) || !m.Has(0) {
		t.Errorf("%v has the wrong bits", m)
	}
}
