package kube

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestRenderGivesBackWhatItWasGiven(t *testing.T) {
	for name, c := range variants() {
		t.Run(name, func(t *testing.T) {
			all := rendered(t, c)
			if got := all.configs[0].Data["profile.yaml"]; got != c.Profile {
				t.Errorf("the profile is\n%s", got)
			}
			if !c.Secrets {
				return
			}
			accounts := all.secret("night-accounts")
			if accounts["password"] != c.Password || accounts["accounts.csv"] != string(c.Accounts) {
				t.Errorf("the accounts are %q", accounts)
			}
			if token := all.secret("night-token")["token"]; c.Token != "" && token != c.Token || len(token) < 10 {
				t.Errorf("the token is %q", token)
			}
			if got := all.secret("night-tls")["ca.crt"]; len(c.CA) > 0 && got != string(c.CA) {
				t.Errorf("the authority is %q", got)
			}
		})
	}
}

func TestTokensDiffer(t *testing.T) {
	first, second := rendered(t, example()), rendered(t, example())
	if a, b := first.secret("night-token")["token"], second.secret("night-token")["token"]; a == b {
		t.Errorf("twice the token %q", a)
	}
	if a, b := first.secret("night-tls")["tls.key"], second.secret("night-tls")["tls.key"]; a == b {
		t.Error("twice the same key")
	}
}

// A worker trusts the controller by the name that it joins at, and no other.
func TestTheCertificateIsTheControllers(t *testing.T) {
	c := example()
	c.Namespace = "load"
	files := rendered(t, c).secret("night-tls")
	pair, err := tls.X509KeyPair([]byte(files["tls.crt"]), []byte(files["tls.key"]))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(files["ca.crt"])) {
		t.Fatal("ca.crt holds no certificate")
	}
	for host, want := range map[string]bool{
		"night-controller": true, "night-controller.load.svc": true, "night-controller.load": true, "other-controller": false,
	} {
		_, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
		if (err == nil) != want {
			t.Errorf("%s: %v", host, err)
		}
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: time.Now().Add(lifetime + time.Hour)}); err == nil {
		t.Error("it holds for ever")
	}
}

func TestOnlyWorkersHaveAccounts(t *testing.T) {
	c := example()
	c.AccountsFile, c.Accounts = true, []byte("first,last,password\n")
	files, err := Render(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		has := strings.Contains(string(f.Data), "night-accounts")
		if want := f.Name == "secrets.yaml" || f.Name == "workers.yaml"; has != want {
			t.Errorf("%s names the accounts: %v", f.Name, has)
		}
		if f.Secret != (f.Name == "secrets.yaml") {
			t.Errorf("%s is secret: %v", f.Name, f.Secret)
		}
	}
	for _, v := range rendered(t, c).jobs[1].Spec.Template.Spec.Volumes {
		if v.Name == "tls" && (len(v.Secret.Items) != 1 || v.Secret.Items[0].Key != "ca.crt") {
			t.Errorf("workers see %v of the certificates", v.Secret.Items)
		}
	}
}

func TestWhatBecomesOfLostWorkers(t *testing.T) {
	for policy, want := range map[string]corev1.RestartPolicy{
		"abort": corev1.RestartPolicyNever, "continue": corev1.RestartPolicyOnFailure, "rebalance": corev1.RestartPolicyOnFailure,
	} {
		c := example()
		c.OnLoss = policy
		workers := rendered(t, c).jobs[1]
		if got := workers.Spec.Template.Spec.RestartPolicy; got != want {
			t.Errorf("%s: %s, want %s", policy, got, want)
		}
		if limit := *workers.Spec.BackoffLimit; (limit == 0) != (policy == "abort") {
			t.Errorf("%s: backoffLimit %d", policy, limit)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		agents, workers int
		want            []string
	}{
		{100, 4, []string{"500m", "128Mi", "256Mi"}},
		{2000, 4, []string{"500m", "192Mi", "384Mi"}},
		{40_000, 4, []string{"3100m", "576Mi", "1152Mi"}},
		{10, 3, []string{"500m", "128Mi", "256Mi"}},
	} {
		m := manifest{Config: Config{Agents: c.agents, Workers: c.workers}}
		if diff := cmp.Diff(c.want, []string{m.CPU(), m.Memory(), m.MemoryLimit()}); diff != "" {
			t.Errorf("%d agents by %d workers (-want +got):\n%s", c.agents, c.workers, diff)
		}
	}
}

func TestWhatCannotBeRendered(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		`the name "Night"`:            func(c *Config) { c.Name = "Night" },
		`the name "a.b"`:              func(c *Config) { c.Name = "a.b" },
		`the namespace "-"`:           func(c *Config) { c.Namespace = "-" },
		`the image ""`:                func(c *Config) { c.Image = "" },
		`0 workers`:                   func(c *Config) { c.Workers = 0 },
		`100001 workers`:              func(c *Config) { c.Workers = 100_001 },
		`the address "nats:4222"`:     func(c *Config) { c.NATS = "nats:4222" },
		`holds a user`:                func(c *Config) { c.NATS = "nats://token@nats:4222" },
		`the token of the NATS at`:    func(c *Config) { c.NATS = "nats://nats:4222" },
		`1048577 bytes, and a Secret`: func(c *Config) { c.Accounts = make([]byte, 1<<20+1) },
		`1048577 bytes, and a Config`: func(c *Config) { c.Profile = strings.Repeat("x", 1<<20+1) },
	} {
		c := example()
		change(&c)
		if _, err := Render(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
