package login

import (
	"bytes"
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/xmlrpc"
)

func TestCapturedAnswer(t *testing.T) {
	c := Client{}
	fields, err := c.decode(captured.HTTP(t, "login-response.xml")["login-response.xml"])
	if err != nil {
		t.Fatal(err)
	}
	resp, _, err := read(fields)
	if err != nil {
		t.Fatal(err)
	}
	if resp.First != "Load" || resp.Simulator.Port() != 9000 || resp.RegionX != 256000 || resp.RegionSizeX != 256 {
		t.Errorf("got %v", resp)
	}
	if resp.LookAt != [3]float32{0, 1, 0} || resp.Home.RegionX != 256000 || resp.Home.Position != [3]float32{128, 128, 0} {
		t.Errorf("looks at %v, home %+v", resp.LookAt, resp.Home)
	}
	if resp.Inventory.Root == uuid.Nil || resp.Library.Root == uuid.Nil || len(resp.Inventory.Folders) < 10 || len(resp.Library.Folders) < 5 {
		t.Errorf("inventory %+v, library of %d", resp.Inventory, len(resp.Library.Folders))
	}
	if len(resp.Malformed) > 0 {
		t.Errorf("malformed: %v", resp.Malformed)
	}
}

// Our call has every member that the bots of OpenSim's own load tool send.
func TestCapturedCall(t *testing.T) {
	exchange := captured.HTTP(t, "01-login.txt")["01-login.txt"]
	start, end := bytes.Index(exchange, []byte("<?xml")), bytes.Index(exchange, []byte("</methodCall>"))
	if start < 0 || end < start {
		t.Fatal("no call in the capture")
	}
	method, params, err := xmlrpc.UnmarshalRequest(exchange[start : end+len("</methodCall>")])
	if err != nil || method != "login_to_simulator" || len(params) != 1 {
		t.Fatalf("method %q, %d parameters, %v", method, len(params), err)
	}
	req := adaRequest()
	ours := req.params(XMLRPC)
	for name := range params[0].(map[string]any) {
		if ours[name] == nil {
			t.Errorf("we don't send %s", name)
		}
	}
}
