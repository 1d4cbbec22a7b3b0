package login

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func adaRequest() Request {
	req := NewRequest("Ada", "Example", "correct horse battery")
	req.Start = "uri:Sandbox 1&128&64&25"
	req.Channel, req.Version, req.Platform, req.PlatformVersion = "Test Viewer", "1.2.3", "lnx", "6.1"
	req.ViewerDigest, req.HostID = "digest", "host"
	req.ReadCritical = false
	req.Options = []string{"inventory-root", "buddy-list"}
	req.Token, req.MFAHash = "123456", "hash-to-keep"
	return req
}

func TestRequestAsXMLRPC(t *testing.T) {
	c := Client{}
	req := adaRequest()
	body, contentType, err := c.encode(method, req.params(XMLRPC))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "text/xml" {
		t.Errorf("content type %s", contentType)
	}
	golden(t, "request.xml", append(bytes.ReplaceAll(body, []byte("<member>"), []byte("\n<member>")), '\n'))
}

func TestRequestAsLLSD(t *testing.T) {
	c := Client{Format: LLSD}
	req := adaRequest()
	body, contentType, err := c.encode(method, req.params(LLSD))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "application/llsd+xml" {
		t.Errorf("content type %s", contentType)
	}
	golden(t, "request-llsd.xml", append(bytes.ReplaceAll(body, []byte("<key>"), []byte("\n<key>")), '\n'))
}

func TestPasswordHash(t *testing.T) {
	for _, tt := range []struct {
		password string
		limit    int
		want     string
	}{
		{"secret", 0, "$1$5ebe2294ecd0e0f08eab7690d2a6ee69"},
		{"", 0, "$1$d41d8cd98f00b204e9800998ecf8427e"},
		{"0123456789abcdefXYZ", 16, "$1$4032af8d61035123906e58e067140cc5"}, // of the first 16
		{"0123456789abcdef", 0, "$1$4032af8d61035123906e58e067140cc5"},
		{"ééééé", 3, "$1$e249ffe8e7a3532997a311336a3f1018"}, // of three characters, not bytes
		{"$1$5ebe2294ecd0e0f08eab7690d2a6ee69", 16, "$1$5ebe2294ecd0e0f08eab7690d2a6ee69"},
		{"$1$money", 0, "$1$" + md5Hex("$1$money")},
	} {
		req := Request{Password: Secret(tt.password), PasswordLimit: tt.limit}
		if got := req.hash(); got != tt.want {
			t.Errorf("%q, limit %d: got %s, want %s", tt.password, tt.limit, got, tt.want)
		}
	}
}

func TestNewRequestIsAnAccountsOwn(t *testing.T) {
	a, again, b := NewRequest("Load", "Bot1", "x"), NewRequest("Load", "Bot1", "x"), NewRequest("Load", "Bot2", "x")
	if a.MAC == b.MAC || a.ID0 == b.ID0 || a.MAC == a.ID0 {
		t.Error("two accounts share an id of their machine")
	}
	if a.MAC != again.MAC || len(a.MAC) != 32 || len(a.ID0) != 32 {
		t.Errorf("MAC %s then %s", a.MAC, again.MAC)
	}
	if a.Start != "last" || !a.AgreeToTOS {
		t.Errorf("got %+v", a)
	}
}

// printed is v in every way that a program may print it.
func printed(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("message", "value", v)
	}
	return out.String()
}

func TestARequestPrintsNoSecrets(t *testing.T) {
	req := adaRequest()
	out := printed(t, req) + printed(t, &req) + printed(t, struct{ Inside Request }{req})
	js, err := json.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	out += string(js)
	for _, secret := range []string{"correct horse", "636f7272656374", req.hash(), req.hash()[3:], "123456", "hash-to-keep"} {
		if strings.Contains(out, secret) {
			t.Errorf("%q is in:\n%s", secret, out)
		}
	}
	if !strings.Contains(out, "Example") {
		t.Error("nothing was printed at all")
	}
}

func TestAResponsePrintsNoSecrets(t *testing.T) {
	resp, _, err := read(grantedFields(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	out := printed(t, *resp) + printed(t, resp)
	for _, secret := range []string{resp.SessionID.String(), resp.SecureSessionID.String(), resp.Seed, "5eed", "hash-to-keep", "4294967294"} {
		if strings.Contains(out, secret) {
			t.Errorf("%q is in:\n%s", secret, out)
		}
	}
	if !strings.Contains(out, "Ada Example (0a0b0c0d-0001-4000-8000-00000000a001) at 127.0.0.1:13001, region 512256,768000") {
		t.Errorf("got %s", out)
	}
}
