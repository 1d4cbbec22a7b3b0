package agent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid"
)

func TestVoiceAccounts(t *testing.T) {
	m := meetOn(t, testgrid.Config{Voice: true})
	a, b := m.enter("Bot1"), m.enter("Bot2")
	mine, its := got[agent.VoiceAccount](m)(a.VoiceAccount(m.ctx())), got[agent.VoiceAccount](m)(b.VoiceAccount(m.ctx()))
	if mine.Username == its.Username || mine.Password == its.Password || mine.Password == "" {
		t.Error("two residents have one account")
	}
	// "x" and the id's 16 bytes in base64.
	if len(mine.Username) != 25 || mine.Username[0] != 'x' || mine.SIPHost == "" || !strings.HasPrefix(mine.Server, "http") {
		t.Errorf("the account is %v at %q", mine, mine.SIPHost)
	}
	if again := got[agent.VoiceAccount](m)(a.VoiceAccount(m.ctx())); again != mine {
		t.Errorf("asked again it is %v", again)
	}
	for _, shown := range []string{fmt.Sprint(mine), fmt.Sprintf("%#v", mine)} {
		if strings.Contains(shown, mine.Password) {
			t.Error("the password is shown")
		}
	}
}

// A channel is there where the parcel's owner allows voice.
func TestVoiceChannelsOfParcels(t *testing.T) {
	m := meetOn(t, testgrid.Config{Voice: true})
	owner := m.enterAs("Estate", "Owner")
	quiet := got[agent.ParcelVoice](m)(owner.ParcelVoice(m.ctx()))
	if quiet.Region != "Region 1" || quiet.Parcel != 1 || quiet.Voice.URI != "" {
		t.Errorf("without voice there is %+v", quiet)
	}
	allow := func(x, y float64) agent.ParcelVoice {
		land := got[agent.Parcel](m)(owner.Parcels().At(m.ctx(), x, y))
		land.Name, land.Flags = land.Name+", loud", land.Flags&^agent.ParcelEstateVoice|agent.ParcelAllowVoice
		got[agent.Parcel](m)(owner.Parcels().Update(m.ctx(), land))
		m.must(owner.Teleport(m.ctx(), "", message.Vector3{X: float32(x), Y: float32(y), Z: 25}))
		v := got[agent.ParcelVoice](m)(owner.ParcelVoice(m.ctx()))
		if v.Parcel != land.LocalID || !strings.HasPrefix(v.Voice.URI, "sip:conf-x") {
			t.Errorf("on parcel %d there is %+v", land.LocalID, v)
		}
		return v
	}
	region := allow(128, 128)
	m.must(owner.Parcels().Divide(m.ctx(), agent.Square{West: 0, South: 0, East: 16, North: 16}))
	if corner := allow(4, 4); corner.Voice.URI == region.Voice.URI {
		t.Error("a parcel with a channel of its own has the region's")
	}
}
