package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/slload/slload/internal/kube"
	"github.com/slload/slload/internal/wholefile"
	"github.com/slload/slload/profiles"
	"github.com/spf13/cobra"
)

func newKube() *cobra.Command {
	c := &cobra.Command{
		Use:   "kube",
		Short: "Write manifests that run slload on Kubernetes",
	}
	holdsOthers(c, newKubeRender())
	return c
}

// kubeFlags are the flags of `slload kube render`.
type kubeFlags struct {
	planFlags
	workers, perWorker                     int
	image, namespace, name, onLoss         string
	loginURI, nats, tokenFile, ca, csv, to string
	secrets                                bool
}

func newKubeRender() *cobra.Command {
	var f kubeFlags
	c := &cobra.Command{
		Use:   "render PROFILE --workers N [-- FLAG OF CONTROLLER...]",
		Short: "Print the manifests of a run on Kubernetes",
		Long: `Print the manifests of a run: a Job for the controller with its own NATS, an
Indexed Job for the workers (the index of a pod is its share), a ConfigMap with
the plan, a volume for the results, and Secrets. They are ready for kubectl
apply; docs/cluster.md tells how to go on.

The Secrets hold a token and a certificate that are drawn anew each time, and
the accounts: SLLOAD_PASSWORD from the environment, or the variable that the
profile names, and the file of --accounts. With --secrets=false they are left
out, and are yours to make.

What a worker asks for follows from its share of the agents. What comes after --
is handed to slload controller.`,
		Example: `  slload kube render crowd --workers 20 --login-uri http://opensim:9000/ | kubectl apply -f -
  slload kube render evening.yaml --agents-per-worker 2000 --login-uri http://opensim:9000/ -o manifests
  slload kube render crowd --workers 4 --login-uri http://opensim:9000/ --nats nats://nats:4222 --token-file token
  slload kube render crowd --workers 4 --login-uri http://opensim:9000/ -- --tag build=1.4 --max-agents 8000`,
		Args: func(c *cobra.Command, args []string) error {
			if n := c.ArgsLenAtDash(); len(args) == 0 || n == 0 || n > 1 || n < 0 && len(args) > 1 {
				return &usageError{fmt.Errorf("want one profile; see %s --help", c.CommandPath())}
			}
			return nil
		},
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			files, err := f.render(c, args[0], args[1:])
			if err != nil {
				return err
			}
			return f.write(c, files)
		},
	}
	f.registerKube(c)
	return c
}

func (f *kubeFlags) registerKube(c *cobra.Command) {
	fl := c.Flags()
	fl.IntVar(&f.workers, "workers", 0, "pods that share the load; 0: as many as --agents-per-worker makes")
	fl.IntVar(&f.perWorker, "agents-per-worker", 0, "in place of --workers: how many agents a pod has at most")
	fl.StringVar(&f.image, "image", "slload:"+version, "container image of slload (deploy/Containerfile)")
	fl.StringVar(&f.namespace, "namespace", "", "namespace of the objects; left out: the one that kubectl stands in")
	fl.StringVar(&f.name, "name", "slload", "first word of the objects' names; runs side by side need different ones")
	fl.StringVar(&f.loginURI, "login-uri", "", "the grid's login address, as pods reach it; left out: the profile's")
	fl.StringVar(&f.csv, "accounts", "", "CSV file of accounts, with the header first,last,password")
	fl.StringVar(&f.nats, "nats", "", "address of an installed NATS with JetStream, in place of the controller's own")
	fl.StringVar(&f.tokenFile, "token-file", "", "file with the token of NATS; left out: one is drawn")
	fl.StringVar(&f.ca, "ca", "", "PEM file of who signed the certificate of --nats")
	fl.StringVar(&f.onLoss, "on-worker-loss", "continue", "what becomes of a lost worker's load: abort, continue or rebalance")
	fl.BoolVar(&f.secrets, "secrets", true, "write the Secrets, too")
	fl.StringVarP(&f.to, "out", "o", "", "write the manifests into this directory, a file each, in place of stdout")
	f.registerPlan(fl)
	must(c.RegisterFlagCompletionFunc("on-worker-loss", fixed("abort", "continue", "rebalance")))
	must(c.MarkFlagFilename("accounts", "csv"))
	must(c.MarkFlagFilename("ca", "pem", "crt"))
	must(c.MarkFlagDirname("out"))
}

func (f *kubeFlags) render(c *cobra.Command, name string, controller []string) ([]kube.File, error) {
	p, err := f.load(c.Flags(), name)
	if err != nil {
		return nil, err
	}
	cfg := kube.Config{
		Name: f.name, Namespace: f.namespace, Image: f.image, Workers: f.workers, Agents: p.Peak(),
		OnLoss: f.onLoss, NATS: f.nats, Secrets: f.secrets, Controller: controller,
		PasswordEnv: cmp.Or(p.Accounts.PasswordEnv, profiles.DefaultPasswordEnv),
	}
	for _, step := range []func(*kube.Config, *profiles.Profile) error{f.spread, f.reach, f.equip} {
		if err := step(&cfg, p); err != nil {
			return nil, &usageError{err}
		}
	}
	text, err := p.Marshal()
	if err != nil {
		return nil, err
	}
	cfg.Profile = string(text)
	files, err := kube.Render(cfg)
	if err != nil {
		return nil, &usageError{fmt.Errorf("kube render: %w", err)}
	}
	return files, nil
}

// spread says how many workers there are, and what becomes of their load.
func (f *kubeFlags) spread(cfg *kube.Config, p *profiles.Profile) error {
	switch {
	case f.workers != 0 && f.perWorker != 0:
		return errors.New("--workers and --agents-per-worker say the same: give one of them")
	case f.perWorker > 0:
		cfg.Workers = (p.Peak() + f.perWorker - 1) / f.perWorker
	case f.workers <= 0:
		return errors.New("how many workers? Give --workers N, or --agents-per-worker N")
	}
	if f.onLoss != "abort" && f.onLoss != "continue" && f.onLoss != "rebalance" {
		return fmt.Errorf("--on-worker-loss %q: want abort, continue or rebalance", f.onLoss)
	}
	return nil
}

// reach says where the grid is.
func (f *kubeFlags) reach(_ *kube.Config, p *profiles.Profile) error {
	p.Grid.LoginURI = cmp.Or(f.loginURI, p.Grid.LoginURI)
	if p.Grid.LoginURI == "" {
		return errors.New("which grid? Give --login-uri, as pods reach it: an embedded grid would be out of their reach")
	}
	if u, err := url.Parse(p.Grid.LoginURI); err == nil {
		if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			return fmt.Errorf("the grid at %s is out of the pods' reach: loopback is each pod's own", p.Grid.LoginURI)
		}
	}
	if f.csv != "" {
		p.Accounts = profiles.AccountSource{CSV: f.csv, PasswordEnv: p.Accounts.PasswordEnv}
	}
	return p.Resolve()
}

// equip reads what the Secrets hold, and has the profile look for the accounts
// where pods have them.
func (f *kubeFlags) equip(cfg *kube.Config, p *profiles.Profile) (err error) {
	if f.secrets {
		if cfg.Accounts, err = f.accounts(p); err != nil {
			return err
		}
		cfg.Password = os.Getenv(cfg.PasswordEnv)
		if cfg.Token, err = f.token(); err != nil {
			return err
		}
	}
	if cfg.AccountsFile = p.Accounts.CSV != ""; cfg.AccountsFile {
		p.Accounts.CSV = kube.AccountsPath
	}
	if f.ca == "" {
		return nil
	}
	if f.nats == "" {
		return errors.New("--ca is for --nats: the controller's own NATS has a certificate that is drawn")
	}
	if cfg.CA, err = os.ReadFile(f.ca); err != nil {
		return fmt.Errorf("--ca: %w", err)
	}
	return nil
}

// accounts checks that the profile's can be had, and gives the file of them.
func (f *kubeFlags) accounts(p *profiles.Profile) ([]byte, error) {
	all, err := p.Accounts.Open(os.Getenv)
	if err != nil {
		return nil, err
	}
	if err := all.Enough(p.Peak()); err != nil {
		return nil, err
	}
	if p.Accounts.CSV == "" {
		return nil, nil
	}
	return os.ReadFile(p.Accounts.CSV)
}

func (f *kubeFlags) token() (string, error) {
	if f.tokenFile == "" {
		if f.nats != "" {
			return "", errors.New("--nats needs --token-file, with the token that it wants")
		}
		return "", nil
	}
	data, err := os.ReadFile(f.tokenFile)
	token := strings.TrimSpace(string(data))
	if err == nil && token == "" {
		err = fmt.Errorf("%s is empty", f.tokenFile)
	}
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	return token, nil
}

// write prints the manifests, or puts them into a directory, and says what to
// do next.
func (f *kubeFlags) write(c *cobra.Command, files []kube.File) error {
	if f.to == "" {
		return printManifests(c.OutOrStdout(), files)
	}
	if err := os.MkdirAll(f.to, 0o755); err != nil {
		return &usageError{fmt.Errorf("--out: %w", err)}
	}
	for _, file := range files {
		if err := writeManifest(f.to, file); err != nil {
			return &usageError{fmt.Errorf("--out: %w", err)}
		}
	}
	_, err := fmt.Fprintf(c.ErrOrStderr(), "wrote %d manifests: kubectl apply -f %s, then kubectl logs -f job/%s-controller\n", len(files), f.to, f.name)
	return err
}

func printManifests(w io.Writer, files []kube.File) error {
	for i, file := range files {
		if i > 0 {
			if _, err := io.WriteString(w, "---\n"); err != nil {
				return err
			}
		}
		if _, err := w.Write(file.Data); err != nil {
			return err
		}
	}
	return nil
}

// writeManifest replaces a manifest that is there; Secrets are for their owner
// alone.
func writeManifest(dir string, file kube.File) error {
	mode := os.FileMode(0o644)
	if file.Secret {
		mode = 0o600
	}
	return wholefile.Replace(filepath.Join(dir, file.Name), file.Data, mode)
}
