package testgrid

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// bakes asks for a version of the outfit, and gives what was answered.
func (w *world) bakes(v *viewer, ask map[string]any) (answer map[string]any) {
	w.t.Helper()
	body, err := llsd.MarshalXML(ask)
	if err != nil {
		w.t.Fatal(err)
	}
	url := w.seed(v.loggedIn, "UpdateAvatarAppearance")["UpdateAvatarAppearance"]
	if err := llsd.UnmarshalXML(w.post(url, llsd.ContentTypeXML, string(body)).Body.Bytes(), &answer); err != nil {
		w.t.Fatal(err)
	}
	return answer
}

func TestServerBake(t *testing.T) {
	inWorld(t, Config{ServerBake: true}, func(w *world) {
		ann, bob := w.enter("Ann", at(100, 100, 0)), w.enter("Bob", at(102, 100, 0))
		for _, ask := range []map[string]any{{}, {"cof_version": int32(2)}} {
			answer := w.bakes(ann, ask)
			check(t, answer["success"] == false && answer["error"] != "", "asked %v it answers %v", ask, answer)
			check(t, len(ask) == 0 || answer["expected"] == int32(1), "asked %v it expects %v", ask, answer["expected"])
		}
		w.pass(time.Second)
		check(t, len(of[*message.AvatarAppearance](bob.listen())) == 0, "what wasn't baked is shown")
		ann.forget()
		answer := w.bakes(ann, map[string]any{"cof_version": int32(1)})
		check(t, answer["success"] == true, "it answers %v", answer)
		for _, v := range []*viewer{ann, bob} {
			m := expect[*message.AvatarAppearance](v)
			d := m.AppearanceData
			check(t, m.Sender.ID == ann.Agent && len(d) == 1 && d[0].AppearanceVersion == 1 && d[0].CofVersion == 1, "shown is %v of %v", d, m.Sender.ID)
			faces, ok := entryFaces(m.ObjectData.TextureEntry)
			check(t, ok && len(faces) == len(bodyBakes), "its faces are %v", faces)
			for face, id := range faces {
				_, there := w.grid.assets.get(id)
				check(t, there, "the texture of face %d isn't there", face)
			}
		}
	})
}

func TestRegionsThatBakeSaySo(t *testing.T) {
	for _, bake := range []bool{false, true} {
		inWorld(t, Config{ServerBake: bake}, func(w *world) {
			v := w.viewer(w.login("Ann", at(100, 100, 0)))
			v.sendReliable(v.useCircuitCode())
			v.sendReliable(v.completeMovement())
			protocols := expect[*message.RegionHandshake](v).RegionInfo4[0].RegionProtocols
			check(t, (protocols&bakingProtocol != 0) == bake, "its protocols are %x", protocols)
		})
	}
}

// Faces as bits, the highest seven first, each but the last with the top bit set.
func TestBakedTextures(t *testing.T) {
	a, b := uuid.UUID{0xaa}, uuid.UUID{0xbb}
	got := hex.EncodeToString(bakedTextures(map[uint8]bakedTexture{20: {texture: b}, 8: {texture: a}}))
	zeros := strings.Repeat("00", 15)
	want := hex.EncodeToString(avatarTexture[:]) + "8200" + "aa" + zeros + "c08000" + "bb" + zeros + "00"
	check(t, strings.HasPrefix(got, want), "is %s, want it to begin with %s", got, want)
}
