package results

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestHuman(t *testing.T) {
	for _, test := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0 µs"},
		{512, "0.51 µs"},
		{9994, "9.99 µs"},
		{9996, "10.0 µs"},
		{42 * µs, "42.0 µs"},
		{950 * µs, "950 µs"},
		{999_400, "999 µs"},
		{999_600, "1.00 ms"},
		{12_340 * µs, "12.3 ms"},
		{99_960 * µs, "100 ms"},
		{999_600 * µs, "1.00 s"},
		{1049 * ms, "1.05 s"},
		{75 * s, "75.0 s"},
		{599 * s, "599 s"},
		{600 * s, "10.0 min"},
		{time.Hour, "60.0 min"},
		{12 * time.Hour, "720 min"},
	} {
		if got := Human(test.d); got != test.want {
			t.Errorf("%d ns is written %q, want %q", test.d, got, test.want)
		}
	}
}

func TestHumanFitsAndIsTrue(t *testing.T) {
	form := regexp.MustCompile(`^(0|[0-9]\.[0-9]{2}|[0-9]{2}\.[0-9]|[0-9]{3}) (µs|ms|s|min)$`)
	rapid.Check(t, func(t *rapid.T) {
		exponent := rapid.Float64Range(3, math.Log10(float64(16*time.Hour))).Draw(t, "exponent")
		d := time.Duration(math.Pow(10, exponent))
		got := Human(d)
		if !form.MatchString(got) {
			t.Fatalf("%d ns is written %q", d, got)
		}
		back, err := time.ParseDuration(strings.Replace(strings.Replace(got, " ", "", 1), "min", "m", 1))
		if err != nil || math.Abs(float64(back-d)) > float64(d)*0.0051 {
			t.Fatalf("%d ns is written %q, which is %d ns", d, got, back)
		}
	})
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567",
		-5: "-5", -999: "-999", -1000: "-1,000", math.MaxInt64: "9,223,372,036,854,775,807",
	} {
		if got := thousands(n); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
}

func TestNewID(t *testing.T) {
	east := time.FixedZone("east", 3*3600)
	for _, test := range []struct{ profile, want string }{
		{"crowd", "20261122-175633-crowd-"},
		{"Login Storm", "20261122-175633-login-storm-"},
		{"idle-1000", "20261122-175633-idle-1000-"},
		{"my/profiles/Tür.v2.yaml", "20261122-175633-t-r-"},
		{`C:\profiles\crowd.yaml`, "20261122-175633-crowd-"},
		{"../../etc", "20261122-175633-etc-"},
		{"", "20261122-175633-run-"},
		{"...", "20261122-175633-run-"},
		{strings.Repeat("long ", 20), "20261122-175633-long-long-long-long-long-long-lo-"},
	} {
		got := NewID(started.In(east), test.profile)
		rest, ok := strings.CutPrefix(got, test.want)
		if !ok || !regexp.MustCompile(`^[0-9a-f]{4}$`).MatchString(rest) {
			t.Errorf("a run of %q is called %q, want %q and four digits", test.profile, got, test.want)
		}
	}
}

func TestIDsSortByTimeAndDiffer(t *testing.T) {
	if a, b := NewID(started, "zoo"), NewID(started.Add(s), "ant"); a >= b {
		t.Errorf("%s does not sort before %s", a, b)
	}
	seen := map[string]bool{}
	for range 5 {
		seen[NewID(started, "crowd")] = true
	}
	if len(seen) < 3 {
		t.Errorf("five runs of one second have %d names", len(seen))
	}
}
