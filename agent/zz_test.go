package agent
import ("testing";"unsafe";"github.com/slload/slload/circuit")
func TestZZ(t *testing.T){ t.Log(unsafe.Sizeof(Agent{}), unsafe.Sizeof(Options{}), unsafe.Sizeof(region{}), unsafe.Sizeof(circuit.Circuit{}), unsafe.Sizeof(circuit.Timer{})) }
