package llsd_test

import (
	"fmt"
	"net/netip"

	"github.com/slload/slload/llsd"
)

// An event queue's answer goes into a struct; binary becomes the number or
// the address that it stands for.
func ExampleUnmarshalXML() {
	answer := `<llsd><map><key>id</key><integer>7</integer><key>events</key><array><map>
		<key>message</key><string>EnableSimulator</string>
		<key>body</key><map><key>SimulatorInfo</key><array><map>
			<key>Handle</key><binary>AAPpAAAD6AA=</binary>
			<key>IP</key><binary>fwAAAQ==</binary>
			<key>Port</key><integer>9001</integer>
		</map></array></map></map></array></map></llsd>`
	var poll struct {
		ID     int32 `llsd:"id"`
		Events []struct {
			Message string `llsd:"message"`
			Body    struct {
				SimulatorInfo []struct {
					Handle uint64
					IP     netip.Addr
					Port   uint16
				}
			} `llsd:"body"`
		} `llsd:"events"`
	}
	if err := llsd.UnmarshalXML([]byte(answer), &poll); err != nil {
		fmt.Println(err)
		return
	}
	sim := poll.Events[0].Body.SimulatorInfo[0]
	fmt.Println(poll.ID, sim.Handle>>32, uint32(sim.Handle), netip.AddrPortFrom(sim.IP, sim.Port))
	// Output: 7 256256 256000 127.0.0.1:9001
}

func ExampleMarshalXML() {
	doc, err := llsd.MarshalXML(struct {
		Ack  *int32 `llsd:"ack"`
		Done bool   `llsd:"done"`
	}{Done: true})
	fmt.Println(string(doc), err)
	// Output: <llsd><map><key>ack</key><undef/><key>done</key><boolean>1</boolean></map></llsd> <nil>
}
