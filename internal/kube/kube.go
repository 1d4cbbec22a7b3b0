// Package kube writes the manifests by which Kubernetes places the controller
// and the workers of a run: text from templates, so that comments stay and
// nothing of Kubernetes is linked in. It imports nothing of ours; `slload kube
// render` fills its Config, and deploy/kubernetes is what that gives.
package kube

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"text/template"
)

// Config is what a run on Kubernetes depends on.
type Config struct {
	Name      string // first word of every object's name, and the cluster name
	Namespace string // of every object; empty: the one that kubectl stands in
	Image     string
	Workers   int    // pods that make load
	Agents    int    // at the plan's peak, of all workers
	Profile   string // the effective profile, YAML
	OnLoss    string // what becomes of a worker's load: abort, continue, rebalance

	// NATS is the URL of an installed one; empty: the controller's own.
	NATS string
	// Secrets has the objects written that hold the rest; without, their names
	// are used and somebody else makes them.
	Secrets  bool
	Token    string // of NATS; empty: drawn, which only the controller's own can have
	CA       []byte // PEM of who signed an installed NATS's certificate; empty: as the system trusts
	Password string // the one that accounts share; may be empty where Accounts has all
	Accounts []byte // a CSV file of them; empty: none

	PasswordEnv  string   // the environment variable of Password
	AccountsFile bool     // the profile reads AccountsPath
	Controller   []string // further arguments of slload controller
}

// Where the pods find what the objects hold.
const (
	ProfilePath  = "/etc/slload/profile/profile.yaml"
	AccountsPath = "/etc/slload/accounts/accounts.csv"
	tokenPath    = "/etc/slload/token/token"
	tlsDir       = "/etc/slload/tls/"
	port         = "4222"
)

// File is a manifest: one or more YAML documents about one thing.
type File struct {
	Name   string
	Data   []byte
	Secret bool // holds what nobody else may read
}

// maxObject is what Kubernetes takes in a Secret or a ConfigMap.
const maxObject = 1 << 20

//go:embed manifests
var manifests embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"quote": quote, "literal": literal,
}).ParseFS(manifests, "manifests/*.yaml"))

// Render gives the manifests of a run, in the order in which they are applied.
func Render(c Config) ([]File, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	data := manifest{Config: c}
	names := []string{"profile.yaml", "storage.yaml", "controller.yaml", "workers.yaml"}
	if c.Secrets {
		var err error
		if data.Certificate, err = c.certificate(); err != nil {
			return nil, err
		}
		if data.Token == "" {
			data.Token = NewToken()
		}
		names = append([]string{"secrets.yaml"}, names...)
	}
	files := make([]File, 0, len(names))
	for _, name := range names {
		var text bytes.Buffer
		if err := templates.ExecuteTemplate(&text, name, data); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		files = append(files, File{Name: name, Data: text.Bytes(), Secret: name == "secrets.yaml"})
	}
	return files, nil
}

// validName is a DNS label that leaves room for what is appended to it, and a
// word of a NATS subject.
var validName = regexp.MustCompile(`^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$`)

// validNamespace is a DNS label.
var validNamespace = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

func (c Config) check() error {
	switch {
	case !validName.MatchString(c.Name):
		return fmt.Errorf("the name %q: want small letters, digits and hyphens, a letter first, 32 at most", c.Name)
	case c.Namespace != "" && !validNamespace.MatchString(c.Namespace):
		return fmt.Errorf("the namespace %q: want small letters, digits and hyphens, 63 at most", c.Namespace)
	case c.Image == "" || strings.ContainsAny(c.Image, " \t\n"):
		return fmt.Errorf("the image %q: want a name such as slload:1.0", c.Image)
	case c.Workers < 1 || c.Workers > 100_000:
		return fmt.Errorf("%d workers: want from 1 to 100000", c.Workers)
	case len(c.Profile) > maxObject:
		return fmt.Errorf("the profile has %d bytes, and a ConfigMap takes %d at most", len(c.Profile), maxObject)
	case len(c.Accounts) > maxObject:
		return fmt.Errorf("the file of accounts has %d bytes, and a Secret takes %d at most: name accounts by a pattern (accounts: {first: Load, last: \"Bot{n}\"})", len(c.Accounts), maxObject)
	}
	return c.checkNATS()
}

func (c Config) checkNATS() error {
	if c.NATS == "" {
		return nil
	}
	u, err := url.Parse(c.NATS)
	switch {
	case err != nil || (u.Scheme != "nats" && u.Scheme != "tls") || u.Hostname() == "":
		return fmt.Errorf("the address %q of NATS: want one such as nats://nats:4222", c.NATS)
	case u.User != nil:
		return fmt.Errorf("the address of NATS holds a user: its token comes from a file")
	case c.Secrets && c.Token == "":
		return fmt.Errorf("the token of the NATS at %s is not known", c.NATS)
	}
	return nil
}

// manifest is what the templates are filled from.
type manifest struct {
	Config
	Certificate certificate // empty where there are no Secrets, or none is needed
}

// Join is where workers find NATS.
func (m manifest) Join() string {
	if m.NATS != "" {
		return m.NATS
	}
	return "nats://" + m.Name + "-controller:" + port
}

// TLS tells whether there is a Secret of certificates.
func (m manifest) TLS() bool { return m.NATS == "" || len(m.CA) > 0 }

// Own tells whether the controller brings NATS with it.
func (m manifest) Own() bool { return m.NATS == "" }

// ControllerArgs are those of the controller's container.
func (m manifest) ControllerArgs() []string {
	args := []string{
		"controller", ProfilePath, "--workers=" + fmt.Sprint(m.Workers), "--name=" + m.Name,
		"--on-worker-loss=" + m.OnLoss, "--token-file=" + tokenPath,
	}
	switch {
	case m.Own():
		args = append(args, "--listen=0.0.0.0:"+port, "--tls-cert="+tlsDir+"tls.crt", "--tls-key="+tlsDir+"tls.key")
	case m.TLS():
		args = append(args, "--nats="+m.NATS, "--ca="+tlsDir+"ca.crt")
	default:
		args = append(args, "--nats="+m.NATS)
	}
	args = append(args, "--resume=/runs/"+m.Name+"-$(JOB_UID)", "--web=127.0.0.1:8080", "--plain")
	return append(args, m.Controller...)
}

// WorkerArgs are those of the workers' container.
func (m manifest) WorkerArgs() []string {
	args := []string{
		"worker", "--join=" + m.Join(), "--name=" + m.Name, "--token-file=" + tokenPath,
		"--segment=$(JOB_COMPLETION_INDEX)", "--spool=/spool",
	}
	if m.TLS() {
		args = append(args, "--ca="+tlsDir+"ca.crt")
	}
	return args
}

// quote writes a YAML scalar that is text whatever is in it: JSON is YAML.
func quote(s string) (string, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(s)
	return strings.TrimSuffix(out.String(), "\n"), err
}

// literal indents the lines of a literal block.
func literal(indent int, text string) string {
	pad := "\n" + strings.Repeat(" ", indent)
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", pad)
}
