package profiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// env stands in for the environment.
func env(pairs ...string) func(string) string {
	return func(key string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == key {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestAccountPatterns(t *testing.T) {
	tests := []struct {
		name   string
		source AccountSource
		i      int
		want   Account
	}{
		{"none given", AccountSource{}, 0, Account{"Load", "Bot1", "default"}},
		{"none given, far on", AccountSource{}, 9999, Account{"Load", "Bot10000", "default"}},
		{"last", AccountSource{First: "Test", Last: "User{n}"}, 4, Account{"Test", "User5", "default"}},
		{"first", AccountSource{First: "bot{n}", Last: "Resident"}, 0, Account{"bot1", "Resident", "default"}},
		{"twice", AccountSource{First: "a{n}b{n}", Last: "{n}"}, 1, Account{"a2b2", "2", "default"}},
		{"other variable", AccountSource{PasswordEnv: "OTHER"}, 0, Account{"Load", "Bot1", "special"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := tt.source.Open(env(DefaultPasswordEnv, "default", "OTHER", "special"))
			if err != nil {
				t.Fatal(err)
			}
			if got := a.At(tt.i); got != tt.want {
				t.Errorf("got %s %s with %q", got.First, got.Last, string(got.Password))
			}
			if a.Len() != math.MaxInt || a.Enough(maxAgents) != nil {
				t.Errorf("a pattern has only %d accounts", a.Len())
			}
		})
	}
}

func TestAccountPatternWithoutPassword(t *testing.T) {
	_, err := AccountSource{PasswordEnv: "OTHER"}.Open(env(DefaultPasswordEnv, "default"))
	want := "profile: accounts: no password: set the environment variable OTHER, or name a file of accounts"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// writeCSV writes a file of accounts and returns its path.
func writeCSV(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "accounts.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAccountsFromCSV(t *testing.T) {
	want := []Account{{"Ann", "One", "pw1"}, {"Ben", "Two", "shared"}, {"Čen", "O'Three", `p,"w`}}
	for name, text := range map[string]string{
		"plain":         "first,last,password\nAnn,One,pw1\nBen,Two,\nČen,O'Three,\"p,\"\"w\"\n",
		"a spreadsheet": "\ufeffFirst,Last,Password\r\nAnn,One,pw1\r\nBen,Two,\r\n\r\nČen,O'Three,\"p,\"\"w\"\r\n",
		"spaces":        "first, last, password\n Ann , One, pw1\nBen,Two,\nČen,O'Three,\"p,\"\"w\"",
	} {
		t.Run(name, func(t *testing.T) {
			a, err := AccountSource{CSV: writeCSV(t, text)}.Open(env(DefaultPasswordEnv, "shared"))
			if err != nil {
				t.Fatal(err)
			}
			var got []Account
			for i := range a.Len() {
				got = append(got, a.At(i))
			}
			if d := diff(want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestBrokenCSV(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", ":1: the first line must be first,last,password"},
		{"no header", "Ann,One,secret\n", ":1: the first line must be first,last,password"},
		{"header only", "first,last,password\n", ": holds no account: want a line for each after the header"},
		{"two fields", "first,last,password\nAnn,One,secret\nBen,secret\n", ":3: has 2 fields, not the 3 of first,last,password"},
		{"four fields", "first,last,password\nBen,Two,secret,x\n", ":2: has 4 fields, not the 3 of first,last,password"},
		{"no name", "first,last,password\n,Two,secret\n", ":2: first and last want 1 to 63 characters each"},
		{"long name", "first,last,password\nA," + strings.Repeat("ä", 64) + ",secret\n", ":2: first and last want 1 to 63 characters each"},
		{"no password", "first,last,password\nAnn,One,secret\nBen,Two,\n", ":3: Ben Two has no password: add one, or set the environment variable SLLOAD_PASSWORD"},
		{"twice", "first,last,password\nAnn,One,secret\n\nann,ONE,secret\n", ":4: ann ONE is there already, in line 2"},
		{"open quote", "first,last,password\nAnn,One,\"secret\n", `:2:17: bad CSV: extraneous or missing " in quoted-field`},
		{"bare quote", "first,last,password\nAnn,One,sec\"ret\n", `:2:12: bad CSV: bare " in non-quoted-field`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := writeCSV(t, tt.text)
			_, err := AccountSource{CSV: file}.Open(env())
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if got := strings.TrimPrefix(err.Error(), file); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%v shows a password", err)
			}
		})
	}
}

func TestMissingCSV(t *testing.T) {
	_, err := AccountSource{CSV: filepath.Join(t.TempDir(), "none.csv")}.Open(env())
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "profile: accounts.csv: cannot open the file: ") {
		t.Errorf("got %v", err)
	}
}

func TestEnough(t *testing.T) {
	file := writeCSV(t, "first,last,password\nA,B,x\nC,D,x\n")
	a, err := AccountSource{CSV: file}.Open(env())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Enough(2); err != nil {
		t.Error(err)
	}
	want := file + ": holds 2 accounts, the plan needs 3: add some, or run fewer agents"
	if err := a.Enough(3); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Whatever prints an account, prints no password.
func TestPasswordsStayHidden(t *testing.T) {
	fromFile, err := AccountSource{CSV: writeCSV(t, "first,last,password\nA,B,hunter2\n")}.Open(env())
	if err != nil {
		t.Fatal(err)
	}
	fromPattern, err := AccountSource{}.Open(env(DefaultPasswordEnv, "hunter2"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{
		fromFile, *fromFile, fromPattern, fromFile.At(0), new(Account), []Account{fromFile.At(0)},
		fromPattern.At(0), fromPattern.At(0).Password, map[string]any{"account": fromFile.At(0)},
		struct{ inner *Accounts }{fromFile},
	} {
		for how, text := range printed(t, v) {
			if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") {
				t.Errorf("%T by %s: %s", v, how, text)
			}
		}
	}
	if got := fmt.Sprint(fromPattern.At(0)); got != "{Load Bot1 ***}" {
		t.Errorf("got %s", got)
	}
}

func printed(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	asJSON, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(v)
	if err != nil {
		asYAML = []byte(err.Error())
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
	out["JSON"], out["YAML"], out["slog"] = string(asJSON), string(asYAML), log.String()
	return out
}

func FuzzAccounts(f *testing.F) {
	f.Add("first,last,password\nAnn,One,pw1\nBen,Two,\n")
	f.Add("\ufefffirst,last,password\r\n\"A\nB\",C,\"\"\"\"\r\n")
	f.Add("first,last,password\nAnn,One\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := accountReader{file: "a.csv", env: "X", password: "p", seen: map[string]int{}}
		list, err := r.read(strings.NewReader(text))
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%d accounts and %v", len(list), err)
		}
		for _, a := range list {
			if a.First == "" || a.Last == "" || a.Password == "" {
				t.Fatalf("half an account: %q %q", a.First, a.Last)
			}
		}
	})
}
