package login

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/xmlrpc"
)

func testID(part, end string) uuid.UUID {
	return uuid.MustParse("0a0b0c0d-" + part + "-4000-8000-" + end)
}

// grantedResponse is what testdata/granted.xml holds.
func grantedResponse() Response {
	root, library := testID("0010", "000000000010"), testID("0020", "000000000020")
	return Response{
		AgentID:         testID("0001", "00000000a001"),
		SessionID:       testID("0002", "00000000b002"),
		SecureSessionID: testID("0003", "00000000c003"),
		CircuitCode:     0xfffffffe,
		Simulator:       netip.MustParseAddrPort("127.0.0.1:13001"),
		Seed:            "http://127.0.0.1:13000/cap/5eed-0000/",
		RegionX:         512256, RegionY: 768000, RegionSizeX: 512, RegionSizeY: 1024,
		LookAt: [3]float32{0.6, -0.8, 4.5e-08},
		Home: Home{RegionX: 512000, RegionY: 768256,
			Position: [3]float32{30.5, 40, 22.25}, LookAt: [3]float32{1, 0, 0}},
		Start: "last", First: "Ada", Last: "Example", Message: "Mind <the> gap.",
		Access: "M", AccessMax: "A", Time: time.Unix(1234567890, 0).UTC(),
		MaxGroups: 42, MapServer: "http://127.0.0.1:13000/map/", MFAHash: "hash-to-keep",
		Inventory: Inventory{Root: root, Folders: []Folder{
			{ID: root, Name: "Everything", Type: 8, Version: 3},
			{ID: testID("0011", "000000000011"), Parent: root, Name: "Hats & Scarves", Type: -1, Version: 1},
		}},
		Library: Inventory{Root: library, Owner: testID("0021", "000000000021"), Folders: []Folder{
			{ID: library, Name: "Shared things", Type: 8, Version: 7},
		}},
		Buddies:  []Buddy{{ID: testID("0030", "000000000030"), Given: 1, Gotten: 3}},
		Gestures: []Gesture{{Item: testID("0040", "000000000040"), Asset: testID("0041", "000000000041")}},
		Outfit:   Outfit{Folder: "Plain clothes", Gender: "male"},
	}
}

func grantedXML(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "granted.xml"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// grantedFields are the members of testdata/granted.xml, with some replaced
// by others; nil takes a member out.
func grantedFields(t testing.TB, changes map[string]any) map[string]any {
	t.Helper()
	value, err := xmlrpc.UnmarshalResponse(grantedXML(t))
	if err != nil {
		t.Fatal(err)
	}
	fields := value.(map[string]any)
	maps.Copy(fields, changes)
	maps.DeleteFunc(fields, func(_ string, v any) bool { return v == nil })
	return fields
}

var withoutRaw = cmp.Options{
	cmpopts.IgnoreFields(Response{}, "Raw"),
	cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }),
}

func TestReadsEveryField(t *testing.T) {
	resp, next, err := read(grantedFields(t, nil))
	if err != nil || next != nil {
		t.Fatalf("%v, redirect %v", err, next)
	}
	if diff := cmp.Diff(grantedResponse(), *resp, withoutRaw); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if resp.Raw["event_notifications"] == nil {
		t.Error("Raw lost a field")
	}
}

// granted is what a client reads of a document that grants a login.
func granted(t testing.TB, c Client, doc []byte) *Response {
	t.Helper()
	fields, err := c.decode(doc)
	if err != nil {
		t.Fatal(err)
	}
	resp, next, err := read(fields)
	if err != nil || next != nil {
		t.Fatalf("%v, redirect %v", err, next)
	}
	return resp
}

// OpenSim's LLSD answer has uuids and maps where XML-RPC has text.
func TestReadsAnLLSDAnswer(t *testing.T) {
	want := grantedResponse()
	doc, err := llsd.MarshalXML(grantedFields(t, map[string]any{
		"agent_id": want.AgentID, "session_id": want.SessionID, "secure_session_id": want.SecureSessionID,
		"login":   true,
		"look_at": []any{float64(want.LookAt[0]), float64(want.LookAt[1]), float64(want.LookAt[2])},
		"home": map[string]any{
			"region_handle": []any{int32(512000), int32(768256)},
			"position":      []any{30.5, 40.0, 22.25},
			"look_at":       []any{1.0, 0.0, 0.0},
		},
		"seed_capability": llsd.URI(want.Seed),
	}))
	if err != nil {
		t.Fatal(err)
	}
	resp := granted(t, Client{Format: LLSD}, doc)
	if diff := cmp.Diff(want, *resp, withoutRaw); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A brief client reads all that Response has fields for, and no other list.
func TestABriefClientReadsEveryField(t *testing.T) {
	doc, err := xmlrpc.MarshalResponse(grantedFields(t, map[string]any{"login-flags": []any{map[string]any{"gendered": "Y"}}}))
	if err != nil {
		t.Fatal(err)
	}
	resp := granted(t, Client{Brief: true}, doc)
	if diff := cmp.Diff(grantedResponse(), *resp, withoutRaw); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if list := resp.Raw["login-flags"]; list != nil {
		t.Errorf("it kept %v", list)
	}
}

// Whatever order a service has its fields in, whichever it leaves out or sends
// twice, a brief client reads the Response that another does.
func TestABriefClientReadsAnyOrder(t *testing.T) {
	var all []string
	for name, value := range grantedFields(t, nil) {
		all = append(all, member(t, name, value))
		switch name {
		case "inventory-skeleton", "buddy-list", "event_notifications":
			all = append(all, member(t, name, []any{}), member(t, name, "none"))
		}
	}
	all = append(all, member(t, "login-flags", []any{map[string]any{"gendered": "Y", "count": int32(1)}}))
	slices.Sort(all) // so that a seed draws the same again
	rapid.Check(t, func(r *rapid.T) {
		order := rapid.Permutation(all).Draw(r, "order")
		for range rapid.IntRange(0, 9).Draw(r, "twice") {
			order = append(order, rapid.SampledFrom(all).Draw(r, "again"))
		}
		for range rapid.IntRange(0, 3).Draw(r, "out") {
			i := rapid.IntRange(0, len(order)-1).Draw(r, "without")
			order = slices.Delete(order, i, i+1)
		}
		doc := []byte("<methodResponse><params><param><value><struct>" + strings.Join(order, "\n") + "</struct></value></param></params></methodResponse>")
		tree, err := xmlrpc.UnmarshalResponse(doc)
		if err != nil {
			r.Fatal(err)
		}
		want, _, wantErr := read(tree.(map[string]any))
		c := Client{Brief: true}
		fields, err := c.decode(doc)
		if err != nil {
			r.Fatal(err)
		}
		got, _, err := read(fields)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			r.Fatalf("brief %v, else %v", err, wantErr)
		}
		if diff := cmp.Diff(want, got, withoutRaw, cmpopts.EquateEmpty()); diff != "" {
			r.Fatalf("(-else +brief):\n%s", diff)
		}
	})
}

// member is one of an answer's struct.
func member(t *testing.T, name string, value any) string {
	t.Helper()
	doc, err := xmlrpc.MarshalResponse(map[string]any{name: value})
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "<struct>")
	return rest[:strings.LastIndex(rest, "</struct>")]
}

// Folders of whatever form are what they are without being read in rows.
func TestFoldersInRows(t *testing.T) {
	folder := func(changes map[string]any) []any {
		f := map[string]any{
			"folder_id": testID("0010", "000000000010").String(), "parent_id": uuid.Nil.String(),
			"name": "Hats & Scarves", "type_default": int32(8), "version": int32(3), "other": "x",
		}
		maps.Copy(f, changes)
		return []any{f, map[string]any{"name": "last"}}
	}
	for _, tt := range []struct {
		name    string
		folders any
		inRows  bool
	}{
		{"as grids write it", folder(nil), true},
		{"none", []any{}, true},
		{"numbers as text", folder(map[string]any{"version": "3"}), false},
		{"no id", folder(map[string]any{"folder_id": ""}), false},
		{"a number for a name", folder(map[string]any{"name": int32(7)}), false},
		{"no list", "none", false},
	} {
		doc, err := xmlrpc.MarshalResponse(grantedFields(t, map[string]any{"inventory-skeleton": tt.folders}))
		if err != nil {
			t.Fatal(err)
		}
		tree, err := xmlrpc.UnmarshalResponse(doc)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := read(tree.(map[string]any))
		if err != nil {
			t.Fatal(err)
		}
		got := granted(t, Client{}, doc)
		if diff := cmp.Diff(*want, *got, withoutRaw, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-tree +rows):\n%s", tt.name, diff)
		}
		if _, inRows := got.Raw["inventory-skeleton"].([]Folder); inRows != tt.inRows {
			t.Errorf("%s: in rows: %t", tt.name, inRows)
		}
	}
}

func TestReadsWhatIsMissingAsNothing(t *testing.T) {
	resp, _, err := read(map[string]any{
		"login": "true", "agent_id": testID("0001", "00000000a001").String(), "session_id": testID("0002", "00000000b002").String(),
		"sim_ip": "127.0.0.1", "sim_port": "9000", "circuit_code": "4294967295", "seed_capability": "http://127.0.0.1/s",
		"home": "", "look_at": " ",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Response{
		AgentID: testID("0001", "00000000a001"), SessionID: testID("0002", "00000000b002"),
		CircuitCode: 0xffffffff, Simulator: netip.MustParseAddrPort("127.0.0.1:9000"), Seed: "http://127.0.0.1/s",
		RegionSizeX: 256, RegionSizeY: 256,
	}
	if diff := cmp.Diff(want, *resp, withoutRaw); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOddExtrasDontFailALogin(t *testing.T) {
	resp, _, err := read(grantedFields(t, map[string]any{
		"inventory-skeleton": "none",
		"buddy-list":         []any{map[string]any{"buddy_id": "nobody"}},
		"look_at":            "[r1,",
		"home":               "nowhere",
		"region_size_x":      "wide",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"region_size_x", "inventory-skeleton", "buddy-list", "look_at", "home"}
	if diff := cmp.Diff(want, resp.Malformed); diff != "" {
		t.Errorf("malformed (-want +got):\n%s", diff)
	}
	if resp.Raw["inventory-skeleton"] != "none" || resp.Message == "" {
		t.Errorf("got %+v", resp)
	}
}

func TestBadEssentialsAreAnError(t *testing.T) {
	for _, tt := range []struct {
		name    string
		changes map[string]any
		want    string
	}{
		{"another host form", map[string]any{"sim_ip": "sim.example"}, `sim_ip "sim.example" and sim_port 13001 are no IPv4 address`},
		{"IPv6", map[string]any{"sim_ip": "::1"}, "no IPv4 address"},
		{"no address", map[string]any{"sim_ip": nil}, "no IPv4 address"},
		{"no port", map[string]any{"sim_port": nil}, "sim_port 0"},
		{"port too large", map[string]any{"sim_port": int32(65536)}, "can't turn integer 65536 at sim_port into a Go uint16"},
		{"no agent", map[string]any{"agent_id": nil}, "agent_id or session_id is missing"},
		{"no session", map[string]any{"session_id": ""}, "agent_id or session_id is missing"},
		{"a session that is no uuid", map[string]any{"session_id": "my-secret-session"}, "can't turn a string of 17 bytes at session_id"},
		{"no login field", map[string]any{"login": nil}, `"login" is not one of`},
		{"login unheard of", map[string]any{"login": "perhaps"}, `"login" is not one of`},
		{"login a list", map[string]any{"login": []any{}}, "at login into a Go string"},
		{"redirect without sense", map[string]any{"login": "indeterminate", "next_duration": "soon"}, "at next_duration"},
	} {
		resp, next, err := read(grantedFields(t, tt.changes))
		var bad *AnswerError
		if !errors.As(err, &bad) || bad.Reason() != "bad_body" || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, %v, error %v; want %s", tt.name, resp, next, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "my-secret-session") {
			t.Errorf("%s: the error tells a session id: %v", tt.name, err)
		}
	}
}

func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		fields map[string]any
		is     error
		reason string
		text   string
	}{
		{map[string]any{"login": "false", "reason": "key", "message": "Unknown\n name."}, ErrWrongPassword,
			"key", "the login failed (key): Unknown name.; check the name and the password"},
		{map[string]any{"login": false, "reason": "key"}, ErrWrongPassword,
			"key", "the login failed (key); check the name and the password"},
		{map[string]any{"login": "false", "reason": "presence", "message": "Still here."}, ErrPresence,
			"presence", "the login failed (presence): Still here.; the account is still logged in; try again in a while"},
		{map[string]any{"login": "false", "reason": "mfa_challenge", "message_id": "LoginMFA"}, ErrMFA,
			"mfa_challenge", "the login failed (mfa_challenge); the account wants a second factor; set a token"},
		{map[string]any{"login": "false", "reason": "tos"}, ErrTOS, "tos", ""},
		{map[string]any{"login": "false", "reason": "critical"}, ErrCritical, "critical", ""},
		{map[string]any{"login": "false", "reason": "update"}, ErrUpdate, "update", ""},
		{map[string]any{"login": "false", "reason": "Odd", "message": "\x1b[31mno\u202e"}, &Failure{Code: "Odd"},
			"odd", "the login failed (Odd): [31mno"},
		{map[string]any{"login": "false", "reason": "Internal Error", "message": strings.Repeat("long ", 100)}, &Failure{Code: "Internal Error"},
			"internal_error", "the login failed (Internal Error): " + strings.Repeat("long ", 40) + "...; if every login fails so, restart the grid's login service"},
		{map[string]any{"login": "false"}, &Failure{}, "refused_login", "the grid refused the login and gave no reason"},
		{grantedFields(t, map[string]any{"seed_capability": ""}), ErrNoSeed,
			"no_seed", "the login failed (no_seed): it was granted, but without a seed capability"},
		{grantedFields(t, map[string]any{"seed_capability": nil}), ErrNoSeed, "no_seed", ""},
	} {
		_, _, err := read(tt.fields)
		var failure *Failure
		if !errors.As(err, &failure) || !errors.Is(err, tt.is) || failure.Reason() != tt.reason {
			t.Errorf("%v: got %v", tt.fields["reason"], err)
			continue
		}
		if tt.text != "" && err.Error() != tt.text {
			t.Errorf("got  %s\nwant %s", err, tt.text)
		}
		if other := (&Failure{Code: "another"}); errors.Is(err, other) {
			t.Errorf("%v is %v", err, other)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(grantedXML(f))
	captured.SeedHTTP(f, "login-response.xml", func(doc []byte) { f.Add(doc) })
	f.Add([]byte(`<methodResponse><params><param><value><struct><member><name>login</name><value>false</value></member></struct></value></param></params></methodResponse>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		var c Client
		fields, err := c.decode(doc)
		if err != nil {
			return
		}
		resp, next, err := read(fields)
		if (resp != nil) == (next != nil || err != nil) {
			t.Errorf("got %v, %v and error %v for one answer", resp, next, err)
		}
		if resp != nil && (resp.Seed == "" || !resp.Simulator.Addr().Is4() || resp.SessionID == uuid.Nil) {
			t.Errorf("granted without what a circuit needs: %v", resp)
		}
	})
}

func BenchmarkAnswer(b *testing.B) {
	doc := grantedXML(b)
	c := Client{Brief: true}
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		fields, err := c.decode(doc)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := read(fields); err != nil {
			b.Fatal(err)
		}
	}
}
