package agent

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/message"
)

// secrets are what nobody but the agent and its simulator may know: who has
// them can act for it.
func secrets() []string {
	id := agentIDOf("Ann")
	hash := fmt.Sprintf("%x", md5.Sum([]byte(password)))
	session := sessionOf(id)
	return []string{password, hash, session.String(), fmt.Sprintf("%#v", session), "only-for-the-agent"}
}

func checkNoSecrets(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range secrets() {
		if strings.Contains(text, secret) {
			t.Errorf("%s tells the secret %q:\n%s", what, secret, text)
		}
	}
}

// A whole life at the most talkative log level, and one that ends badly.
func TestLogsKeepSecrets(t *testing.T) {
	inWorld(t, func(w *world) {
		w.grid.login = []loginAnswer{{reason: "presence"}, {}}
		w.grid.seed = []int{404, 200}
		a := w.enter("Ann")
		if err := a.ChatEcho(w.Context(), "hello"); err != nil {
			t.Error(err)
		}
		w.elapse(2 * time.Minute)
		if err := a.Logout(w.Context()); err != nil {
			t.Error(err)
		}
		w.grid.gone = true
		b := w.enter("Ann")
		w.elapse(time.Minute)
		w.says(b, kick)
		w.elapse(soon)
		log := slog.New(slog.NewJSONHandler(&w.logged, nil))
		log.Info("values", "agent", b, "account", b.Account, "options", b.opt.Account, "error", b.Err())
		logged := w.logged.String()
		if !strings.Contains(logged, "Ann Tester") || !strings.Contains(logged, "event queue ended") || !strings.Contains(logged, "kicked") {
			t.Errorf("this log proves nothing:\n%s", logged)
		}
		checkNoSecrets(t, "the log", logged)
	})
}

func TestErrorsKeepSecrets(t *testing.T) {
	for name, script := range map[string]func(w *world){
		"wrong password": func(w *world) { w.grid.login = []loginAnswer{{reason: "key"}} },
		"no seed":        func(w *world) { w.grid.seed = []int{404} },
		"no simulator":   func(w *world) { w.deaf.Store(true) },
		"no seed, thrown": func(w *world) {
			w.grid.seed = []int{503}
			w.answers(message.IDCompleteAgentMovement, all(moved, handshake, kick))
		},
	} {
		inWorld(t, func(w *world) {
			script(w)
			_, err := Login(w.Context(), w.options("Ann"))
			if err == nil {
				t.Fatalf("%s: no error", name)
			}
			var failed *LoginError
			errors.As(err, &failed)
			whole, jsonErr := json.Marshal(failed)
			if jsonErr != nil {
				t.Error(jsonErr)
			}
			checkNoSecrets(t, name, fmt.Sprintf("%v\n%+v\n%#v\n%s\n%s", err, err, failed, whole, w.logged.String()))
		})
	}
}

func TestValuesKeepSecrets(t *testing.T) {
	account := Account{First: "Ann", Last: "Tester", Password: password}
	inWorld(t, func(w *world) {
		a := w.enter("Ann")
		if a.Account.Password != "" || a.opt.Account.Password != "" {
			t.Error("the agent keeps its password")
		}
		var text bytes.Buffer
		for _, v := range []any{account, &account, a, Options{Account: account}.Account} {
			fmt.Fprintf(&text, "%v %+v %#v %s\n", v, v, v, v)
			b, err := json.Marshal(v)
			if err != nil {
				t.Error(err)
			}
			text.Write(b)
			slog.New(slog.NewTextHandler(&text, nil)).Info("value", "v", v)
			slog.New(slog.NewJSONHandler(&text, nil)).Info("value", "v", v)
		}
		if !strings.Contains(text.String(), "Ann Tester") {
			t.Errorf("nothing was printed: %s", text.String())
		}
		checkNoSecrets(t, "a value", text.String())
	})
}
