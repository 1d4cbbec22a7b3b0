package testgrid

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
)

func TestSeedGivesURLsOfWhatItKnows(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann, bob := w.login("Ann", "last"), w.login("Bob", "last")
		urls := w.seed(ann, "EventQueueGet", "SimulatorFeatures", "FlyToTheMoon", "")
		if diff := cmp.Diff([]string{"EventQueueGet", "SimulatorFeatures"}, slices.Sorted(maps.Keys(urls))); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
		for name, url := range urls {
			check(t, strings.HasPrefix(url, w.grid.base), "%s is at %s", name, url)
			check(t, url != w.seed(bob, name)[name], "two agents share the %s at %s", name, url)
			check(t, url == w.seed(ann, name)[name], "the %s moved", name)
		}
	})
}

func TestSeedIsParticular(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		in := w.login("Ann", "last")
		const ask = "<llsd><array><string>SimulatorFeatures</string></array></llsd>"
		answer := w.post(in.Seed, llsd.ContentTypeXML, ask)
		check(t, answer.Code == http.StatusOK && answer.Header().Get("Content-Type") == "text/html;charset=UTF-8",
			"got %d %q", answer.Code, answer.Header().Get("Content-Type"))
		for name, tt := range map[string]struct {
			method, url, contentType, body string
			status                         int
		}{
			"content type": {"POST", in.Seed, "application/xml", ask, 404},
			"unknown seed": {"POST", "/CAPS/" + uuid.NewString() + "0000/", llsd.ContentTypeXML, ask, 404},
			"no id":        {"POST", "/CAPS/0000/", llsd.ContentTypeXML, ask, 404},
			"method":       {"GET", in.Seed, llsd.ContentTypeXML, "", 405},
			"broken":       {"POST", in.Seed, llsd.ContentTypeXML, "<llsd><array>", 400},
			"no list":      {"POST", in.Seed, llsd.ContentTypeXML, "<llsd><map/></llsd>", 400},
			"too long":     {"POST", in.Seed, llsd.ContentTypeXML, strings.Repeat(" ", seedBodyLimit) + ask, 400},
		} {
			answer := w.request(w.t.Context(), tt.method, tt.url, tt.contentType, tt.body)
			check(t, answer.Code == tt.status, "%s: got %d, want %d", name, answer.Code, tt.status)
		}
	})
}

// What a seed gives out must answer.
func TestEveryCapabilityAnswers(t *testing.T) {
	inWorld(t, Config{Voice: true, ServerBake: true}, func(w *world) {
		in := w.login("Ann", "last")
		urls := w.seed(in, slices.Collect(maps.Keys(capabilityHandlers))...)
		check(t, len(urls) == len(capabilityHandlers), "%d of %d capabilities were granted", len(urls), len(capabilityHandlers))
		for name, url := range urls {
			body := "<llsd><map><key>done</key><boolean>1</boolean></map></llsd>"
			answer := w.post(url, llsd.ContentTypeXML, body)
			want := http.StatusOK
			switch name {
			case "EventQueueGet":
				want = http.StatusBadGateway
			case "AvatarPickerSearch", "GetTexture", "GetMesh", "GetMesh2", "GetAsset", "ViewerAsset": // want a query
				want = http.StatusBadRequest
			case "CreateInventoryCategory": // wants a folder
				want = http.StatusBadRequest
			case "InventoryAPIv3", "LibraryAPIv3", "ChatSessionRequest": // want a resource, or a conversation
				want = http.StatusNotFound
			}
			check(t, answer.Code == want, "%s: got %d %s", name, answer.Code, answer.Body)
		}
	})
}

func TestCapabilitiesOfSomeGridsOnly(t *testing.T) {
	for name, cfg := range map[string]Config{
		"UpdateAvatarAppearance": {ServerBake: true}, "ProvisionVoiceAccountRequest": {Voice: true}, "ParcelVoiceInfoRequest": {Voice: true},
	} {
		for _, with := range []bool{false, true} {
			kind := Config{}
			if with {
				kind = cfg
			}
			inWorld(t, kind, func(w *world) {
				urls := w.seed(w.login("Ann", "last"), name)
				check(t, (len(urls) == 1) == with, "with %v, asked for %s the grid gives %v", with, name, urls)
			})
		}
	}
}

func TestSimulatorFeatures(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		url := w.seed(w.login("Ann", "last"), "SimulatorFeatures")["SimulatorFeatures"]
		answer := w.request(w.t.Context(), http.MethodGet, url, "", "")
		var features struct {
			OpenSimExtras struct {
				Say     int `llsd:"say-range"`
				Whisper int `llsd:"whisper-range"`
				Shout   int `llsd:"shout-range"`
			}
		}
		if err := llsd.UnmarshalXML(answer.Body.Bytes(), &features); err != nil {
			t.Fatal(err)
		}
		x := features.OpenSimExtras
		check(t, x.Whisper == 10 && x.Say == 20 && x.Shout == 100, "ranges are %+v", x)
	})
}

func TestDisplayNames(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		in := w.login("Ann", "last")
		url := w.seed(in, "GetDisplayNames")["GetDisplayNames"]
		stranger := uuid.NewString()
		answer := w.request(w.t.Context(), http.MethodGet, url+"?ids="+in.Agent.String()+"&ids="+stranger+"&ids=junk", "", "")
		var got struct {
			Agents []struct {
				ID      uuid.UUID `llsd:"id"`
				Display string    `llsd:"display_name"`
			} `llsd:"agents"`
			Bad []string `llsd:"bad_ids"`
		}
		if err := llsd.UnmarshalXML(answer.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		check(t, len(got.Agents) == 1 && got.Agents[0].ID == in.Agent && got.Agents[0].Display == "Ann Tester", "agents %v", got.Agents)
		check(t, slices.Equal(got.Bad, []string{stranger, "junk"}), "bad ids %v", got.Bad)
	})
}

func TestCapabilitiesOfOtherPlaces(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		in := w.login("Ann", "last")
		urls := w.seed(in, "EventQueueGet", "SimulatorFeatures")
		for name, path := range map[string]string{
			"an event queue as a capability": strings.Replace(urls["EventQueueGet"], "/CE/", "/", 1),
			"a capability as an event queue": strings.Replace(urls["SimulatorFeatures"], w.grid.base, w.grid.base+"/CE", 1),
			"a seed as a capability":         "/" + strings.TrimSuffix(strings.TrimPrefix(in.Seed, w.grid.base+"/CAPS/"), "0000/"),
			"nothing known":                  "/" + uuid.NewString(),
			"no id":                          "/favicon.ico",
		} {
			check(t, w.post(path, llsd.ContentTypeXML, poll).Code == http.StatusNotFound, "%s answered", name)
		}
	})
}
