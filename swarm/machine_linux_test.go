package swarm

import (
	"os"
	"testing"
)

func TestParseStat(t *testing.T) {
	for _, test := range []struct {
		name, stat string
		seconds    float64
		cores      int
	}{
		{"user, nice, system, irq, softirq and steal; idle and iowait are rest, guest is in user",
			"cpu  100 200 300 99999 88888 400 500 600 77 66\ncpu0 1 1 1 1 1 1 1 1 0 0\ncpu1 1 1 1 1 1 1 1 1 0 0\nintr 5 6 7 8 9 1 2 3 4\n", 21, 2},
		{"an old kernel, without steal: not told", "cpu 1 2 3 4 5 6 7\n", 0, 0},
		{"garbage", "cpu a b c d e f g h\ncpu0 1 1 1 1 1 1 1 1\n", 0, 0},
		{"nothing", "", 0, 0},
	} {
		if seconds, cores := parseStat([]byte(test.stat)); seconds != test.seconds || cores != test.cores {
			t.Errorf("%s: %v s on %d cores, want %v on %d", test.name, seconds, cores, test.seconds, test.cores)
		}
	}
}

func TestMachineCPUGrowsWithOurs(t *testing.T) {
	if _, err := os.Stat("/proc/stat"); err != nil {
		t.Skip("no /proc here:", err)
	}
	before, cores := machineCPU()
	if cores == 0 {
		t.Fatal("there is a /proc/stat, and nothing was read from it")
	}
	own := CPUSeconds()
	for CPUSeconds() < own+0.05 { // bounded: the loop itself is what uses CPU
	}
	if after, _ := machineCPU(); after < before+0.03 {
		t.Errorf("the machine used %v s while this process used 0.05", after-before)
	}
}
