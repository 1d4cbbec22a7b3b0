package agent

import (
	"context"
	"net/http"
)

// SimulatorFeatures asks the region what it can do (capability
// SimulatorFeatures): by name, as the simulator writes it. OpenSim's own are in
// OpenSimExtras. A region without the capability gives a *NoCapabilityError.
func (a *Agent) SimulatorFeatures(ctx context.Context) (map[string]any, error) {
	var features map[string]any
	if err := a.call(ctx, http.MethodGet, "SimulatorFeatures", nil, &features); err != nil {
		return nil, err
	}
	return features, nil
}
