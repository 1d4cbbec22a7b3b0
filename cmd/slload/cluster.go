package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/slload/slload/cluster"
	"github.com/spf13/cobra"
)

// natsFlags say how controller and workers find each other.
type natsFlags struct {
	name, tokenFile string
	plain           bool
}

func (f *natsFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.name, "name", cluster.DefaultName, "name of the cluster; runs that share a NATS need different ones")
	fl.StringVar(&f.tokenFile, "token-file", "slload.token", "file with the token of NATS")
	fl.BoolVar(&f.plain, "without-tls", false, "NATS beyond this machine without TLS, in a network that is protected otherwise")
	must(c.MarkFlagFilename("token-file"))
}

// token reads the token. Where there is no file and one may be drawn, it is, and
// told to w.
func (f *natsFlags) token(w io.Writer, draw bool) (string, error) {
	data, err := os.ReadFile(f.tokenFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && draw:
		return f.draw(w)
	case errors.Is(err, fs.ErrNotExist):
		return "", &usageError{fmt.Errorf("--token-file: there is no file %s: it holds the token of NATS, which slload controller draws for its own", f.tokenFile)}
	case err != nil:
		return "", &usageError{fmt.Errorf("--token-file: %w", err)}
	}
	info, err := os.Stat(f.tokenFile)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		fmt.Fprintf(w, "slload: warning: everybody on this machine can read the token in %s; chmod 600 %s\n", f.tokenFile, f.tokenFile)
	}
	token := strings.TrimSpace(string(data))
	if token == "" {
		return "", &usageError{fmt.Errorf("--token-file: %s is empty", f.tokenFile)}
	}
	return token, nil
}

// draw makes a file with a token that nobody else has.
func (f *natsFlags) draw(w io.Writer) (string, error) {
	token := rand.Text()
	file, err := os.OpenFile(f.tokenFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", &usageError{fmt.Errorf("--token-file: %w", err)}
	}
	_, err = file.WriteString(token + "\n")
	if err = errors.Join(err, file.Close()); err != nil {
		return "", &usageError{errors.Join(fmt.Errorf("--token-file: write %s: %w", f.tokenFile, err), os.Remove(f.tokenFile))}
	}
	fmt.Fprintf(w, "drew a token into %s: workers need that file\n", f.tokenFile)
	return token, nil
}
