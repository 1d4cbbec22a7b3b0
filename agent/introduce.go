package agent

import (
	"encoding/binary"
	"math"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// introduce tells a region what a viewer tells it on arrival: how much it may
// send, and how large the window is.
func (r *region) introduce(now circuit.Instant) {
	a := r.agent
	throttle := r.throttle()
	size := message.AgentHeightWidth{
		AgentData:        message.AgentHeightWidthAgentData{AgentID: a.ID, SessionID: a.session, CircuitCode: a.code},
		HeightWidthBlock: message.AgentHeightWidthHeightWidthBlock{Height: 1080, Width: 1920},
	}
	r.tell(now, &throttle)
	r.tell(now, &size)
}

// throttle says how much the region may send.
func (r *region) throttle() message.AgentThrottle {
	a := r.agent
	return message.AgentThrottle{
		AgentData: message.AgentThrottleAgentData{AgentID: a.ID, SessionID: a.session, CircuitCode: a.code},
		Throttle:  message.AgentThrottleThrottle{Throttles: throttles(a.opt.Throttle)},
	}
}

// shares divides the throttle: resend, land, wind, cloud, task, texture,
// asset. Most is for tasks (objects and avatars), which a load test is about.
var shares = [7]float64{0.10, 0.10, 0.02, 0.02, 0.46, 0.20, 0.10}

// throttles is AgentThrottle's field: seven little-endian floats in bits a
// second.
func throttles(total float64) []byte {
	b := make([]byte, 0, 4*len(shares))
	for _, share := range shares {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(total*share)))
	}
	return b
}
