package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/slload/slload/internal/httpbody"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/swarm"
	"github.com/slload/slload/xmlrpc"
)

// remoteAdmin calls OpenSim's RemoteAdmin: XML-RPC at the simulator's HTTP
// port, one struct of parameters with the access password in it.
type remoteAdmin struct {
	url, password string
	http          *http.Client
}

// maxAdminAnswer bounds an answer, in bytes: they have a few hundred.
const maxAdminAnswer = 1 << 20

// adminTime bounds a call: a grid that makes an account, with all that is in its
// inventory, takes a second or two.
const adminTime = time.Minute

// methodNotFound is XML-RPC's fault for a method that isn't there.
const methodNotFound = -32601

// adminError is a call that RemoteAdmin carried out and that failed, in its
// own words.
type adminError struct{ method, words string }

func (e *adminError) Error() string { return fmt.Sprintf("%s: the grid says: %s", e.method, e.words) }

// create makes an account, whose home is the grid's default region. Created is
// false where the account is there already, whatever its password.
func (r *remoteAdmin) create(ctx context.Context, first, last, password string) (created bool, err error) {
	_, err = r.call(ctx, "admin_create_user", map[string]any{
		"user_firstname": first, "user_lastname": last, "user_password": password,
		// Both are needed; where no region lies the home stays the default.
		"start_region_x": int32(0), "start_region_y": int32(0),
	})
	var failed *adminError
	if !errors.As(err, &failed) {
		return err == nil, err
	}
	// OpenSim says "failed to create new user" for any reason.
	there, existsErr := r.call(ctx, "admin_exists_user", map[string]any{"user_firstname": first, "user_lastname": last})
	if existsErr == nil && there {
		return false, nil
	}
	return false, err
}

// call calls a method, and gives whether it says success.
func (r *remoteAdmin) call(ctx context.Context, method string, params map[string]any) (success bool, err error) {
	params["password"] = r.password
	body, err := xmlrpc.MarshalRequest(method, params)
	if err != nil {
		return false, err
	}
	bounded, cancel := context.WithTimeout(ctx, adminTime)
	defer cancel()
	req, err := http.NewRequestWithContext(bounded, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil || req.URL.Host == "" {
		return false, &usageError{fmt.Errorf("--remote-admin %q: want an address such as http://127.0.0.1:9000/", r.url)}
	}
	req.Header.Set("Content-Type", xmlrpc.ContentType)
	resp, err := r.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		return false, &swarm.UnreachableError{LoginURI: r.url, Err: reason.WithoutURL(err)}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false, fmt.Errorf("%s: the grid answered HTTP %s", method, resp.Status)
	}
	var answer any
	err = httpbody.Read(resp.Body, maxAdminAnswer, func(b []byte) error {
		answer, err = xmlrpc.UnmarshalResponse(b)
		return err
	})
	if err != nil {
		return false, adminFault(method, err)
	}
	return adminAnswer(method, answer)
}

// adminFault tells what an answer that is none means.
func adminFault(method string, err error) error {
	var fault *xmlrpc.Fault
	if errors.As(err, &fault) && fault.Code == methodNotFound {
		return &usageError{fmt.Errorf("the grid has no %s: set enabled = true in the section [RemoteAdmin] of its OpenSim.ini, "+
			"and %s in enabled_methods if that isn't all", method, method)}
	}
	return fmt.Errorf("%s: read the answer: %w", method, err)
}

// adminAnswer reads success, error and accepted: this last one is there, and
// false, also where only a parameter is wrong.
func adminAnswer(method string, answer any) (success bool, err error) {
	fields, ok := answer.(map[string]any)
	if !ok {
		return false, fmt.Errorf("%s: the answer is no struct, but %T", method, answer)
	}
	// OpenSim writes a boolean; older ones the word.
	success = fields["success"] == true || fields["success"] == "true" || fields["success"] == "True"
	words, _ := fields["error"].(string)
	switch {
	case words == "wrong password" || words == "not authorized":
		return false, &usageError{fmt.Errorf("RemoteAdmin refuses the call: %s: set %s to the access_password in the section [RemoteAdmin] of the grid's OpenSim.ini, "+
			"and let this machine's address stand in access_ip_addresses, if that is there", words, adminPasswordEnv)}
	case !success && words != "":
		return false, &adminError{method, words}
	}
	return success, nil
}
