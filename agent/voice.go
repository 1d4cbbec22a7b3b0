package agent

import (
	"context"
	"net/http"
)

// VoiceAccount is what a voice client logs in with.
type VoiceAccount struct {
	Username string `llsd:"username"`
	Password string `llsd:"password"` // a secret
	SIPHost  string `llsd:"voice_sip_uri_hostname"`
	Server   string `llsd:"voice_account_server_name"`
}

// String leaves the password out.
func (v VoiceAccount) String() string { return v.Username + " at " + v.Server }

// GoString leaves the password out.
func (v VoiceAccount) GoString() string { return "agent.VoiceAccount(" + v.String() + ")" }

// VoiceAccount asks for the agent's voice account. A grid without voice gives
// a *NoCapabilityError.
func (a *Agent) VoiceAccount(ctx context.Context) (VoiceAccount, error) {
	var account VoiceAccount
	err := a.call(ctx, http.MethodPost, "ProvisionVoiceAccountRequest", map[string]any{}, &account)
	return account, err
}

// ParcelVoice is the voice channel of where the agent stands; the URI is ""
// where voice is off.
type ParcelVoice struct {
	Parcel int32  `llsd:"parcel_local_id"`
	Region string `llsd:"region_name"`
	Voice  struct {
		URI string `llsd:"channel_uri"`
	} `llsd:"voice_credentials"`
}

// ParcelVoice asks for the voice channel of where the agent stands. A grid
// without voice gives a *NoCapabilityError.
func (a *Agent) ParcelVoice(ctx context.Context) (ParcelVoice, error) {
	var channel ParcelVoice
	err := a.call(ctx, http.MethodPost, "ParcelVoiceInfoRequest", map[string]any{}, &channel)
	return channel, err
}
