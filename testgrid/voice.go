package testgrid

import (
	"encoding/base64"
	"net/http"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
)

// A grid with Config.Voice gives out voice accounts and channels, in the form of
// OpenSim's FreeSwitch module. Nobody speaks there: the server that they name
// isn't one.

const (
	voiceRealm  = "voice.invalid"
	voiceServer = "http://" + voiceRealm + "/api/"

	parcelVoice       = 1 << 29 // AllowVoiceChat
	parcelEstateVoice = 1 << 30 // UseEstateVoiceChan
)

// serveVoiceAccount gives a resident's account: "x" and its id in base64, whose
// plus and slash the user names of SIP don't have. The password lasts as long
// as the login.
func (g *Grid) serveVoiceAccount(s *session, w http.ResponseWriter, _ *http.Request) {
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{
		"username": "x" + base64.URLEncoding.EncodeToString(s.agentID[:]), "password": derivedID(s.secureID, "voice").String(),
		"voice_sip_uri_hostname": voiceRealm, "voice_account_server_name": voiceServer,
	})
}

// serveVoiceChannel gives the channel of where the avatar stands: its URI is
// empty where the parcel's owner doesn't allow voice. For who isn't there the
// answer is undef, as on OpenSim.
func (g *Grid) serveVoiceChannel(s *session, w http.ResponseWriter, r *http.Request) {
	var answer any
	region := s.entry.region
	err := region.loop.Call(r.Context(), func(circuit.Instant) {
		c := region.anyone(s.agentID)
		if c == nil {
			return
		}
		if p := region.land.at(c.motion.pos.X, c.motion.pos.Y); p != nil {
			answer = map[string]any{
				"parcel_local_id": p.id, "region_name": region.name,
				"voice_credentials": map[string]any{"channel_uri": region.voiceChannel(p)},
			}
		}
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	writeLLSD(w, llsd.ContentTypeXML, answer)
}

// voiceChannel is the parcel's, or the region's for the first parcel and where
// the owner has it so.
func (r *region) voiceChannel(p *parcel) string {
	if p.update.ParcelFlags&parcelVoice == 0 {
		return ""
	}
	id := r.id
	if p.id != 1 && p.update.ParcelFlags&parcelEstateVoice == 0 {
		x, y := p.first()
		id = parcelID(r, x, y)
	}
	return "sip:conf-x" + base64.StdEncoding.EncodeToString([]byte(id.String())) + "@" + voiceRealm
}
