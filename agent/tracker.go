package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// ObjectSeen is an object that a tracking agent sees for the first time, or
// whose looks have changed (not its motion).
type ObjectSeen struct {
	At     circuit.Instant
	Object Object
	New    bool
}

// ObjectKilled is an object that a tracking agent sees no more.
type ObjectKilled struct {
	At      circuit.Instant
	LocalID uint32
	ID      uuid.UUID
}

// ErrNotTracking is returned where an agent is asked what it sees that was
// never told to look.
var ErrNotTracking error = &failure{"not_tracking", "the agent doesn't keep what it sees: call Objects().Track first"}

// tracker is what an agent keeps of the objects in its region, while somebody
// wants to know. The loop owns it.
type tracker struct {
	agent   *Agent
	users   int
	asked   bool    // for what had been seen before it was there
	region  *region // whose objects these are
	objects map[uint32]*Object
	waits   []*objectWait
	subs    []*subscription
}

// objectWait is somebody who waits for an object.
type objectWait struct {
	match func(o *Object) bool
	once  bool // what it takes is for nobody else: see Create
	found chan Object
	at    circuit.Instant // when it was found; set before it is
}

// Track has the agent keep what it sees of its region's objects, from now on
// and until stop is called as often as Track was. What it has seen before it
// asks the simulator for again; that comes little by little, so wait with
// Find. Tracking costs some 400 bytes an object; agents that don't track only
// count.
func (o Objects) Track(ctx context.Context) (stop func(), err error) {
	return o.track(ctx, true)
}

// track is Track, for all objects or only those of which updates come.
func (o Objects) track(ctx context.Context, all bool) (stop func(), err error) {
	a := o.a
	err = a.do(ctx, func(now circuit.Instant) error {
		if a.tracker == nil {
			a.tracker = newTracker(a)
		}
		t := a.tracker
		t.users++
		if all && !t.asked {
			t.asked = true
			t.ask(now)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	stopped := false // the loop's
	return func() {
		a.post(func(circuit.Instant) {
			if !stopped && !a.over {
				stopped = true
				a.tracker.release()
			}
		})
	}, nil
}

func newTracker(a *Agent) *tracker {
	t := &tracker{agent: a, region: a.root, objects: map[uint32]*Object{}}
	listen := func(id message.ID, take func(circuit.Instant, message.Message)) {
		s := subscriber{func(e MessageReceived) {
			if e.ID == id {
				t.enter(a.root)
				take(e.At, e.Message)
			}
		}, &subscription{raw: id}}
		t.subs = append(t.subs, s.subscription)
		a.addSubscription(s)
	}
	listen(message.IDObjectUpdate, t.update)
	listen(message.IDObjectUpdateCompressed, t.compressed)
	listen(message.IDObjectUpdateCached, t.cached)
	listen(message.IDImprovedTerseObjectUpdate, t.terse)
	listen(message.IDKillObject, t.kill)
	listen(message.IDObjectProperties, t.properties)
	return t
}

func (t *tracker) release() {
	if t.users--; t.users > 0 {
		return
	}
	for _, s := range t.subs {
		s.cancelled.Store(true)
		t.agent.unsubscribe(s)
	}
	t.agent.tracker = nil
}

// enter forgets everything where the agent has come to another region: local
// ids mean something else there.
func (t *tracker) enter(r *region) {
	if t.region != r {
		t.region = r
		clear(t.objects)
	}
}

// ask has the simulator send again what the agent has seen already.
func (t *tracker) ask(now circuit.Instant) {
	// A send that fails is counted, as all of a region's are.
	_ = chunks(t.region.scene.objects.ids(), func(part []uint32) error {
		t.region.tell(now, t.request(part))
		return nil
	})
}

func (t *tracker) request(ids []uint32) *message.RequestMultipleObjects {
	m := &message.RequestMultipleObjects{}
	m.AgentData.AgentID, m.AgentData.SessionID = t.agent.ID, t.agent.session
	for _, id := range ids {
		m.ObjectData = append(m.ObjectData, message.RequestMultipleObjectsObjectData{ID: id}) // type 0: all of it
	}
	return m
}

func (t *tracker) update(at circuit.Instant, m message.Message) {
	for i := range m.(*message.ObjectUpdate).ObjectData {
		t.see(at, objectOf(&m.(*message.ObjectUpdate).ObjectData[i]))
	}
}

func (t *tracker) compressed(at circuit.Instant, m message.Message) {
	for _, b := range m.(*message.ObjectUpdateCompressed).ObjectData {
		if o, err := objectOfCompressed(b.UpdateFlags, b.Data); err == nil {
			t.see(at, o)
		}
	}
}

// cached asks for objects that were seen, but not kept: scene asks for those
// that never were.
func (t *tracker) cached(_ circuit.Instant, m message.Message) {
	var ids []uint32
	for _, b := range m.(*message.ObjectUpdateCached).ObjectData {
		if t.objects[b.ID] == nil && t.region.scene.objects.has(b.ID) {
			ids = append(ids, b.ID)
		}
	}
	_ = chunks(ids, func(part []uint32) error {
		t.region.tell(t.agent.loop.Now(), t.request(part))
		return nil
	})
}

func (t *tracker) terse(at circuit.Instant, m message.Message) {
	for _, b := range m.(*message.ImprovedTerseObjectUpdate).ObjectData {
		if len(b.Data) < 4 {
			continue
		}
		if o := t.objects[terseID(b.Data)]; o != nil && o.setTerse(b.Data, b.TextureEntry) {
			t.tell(at, o)
		}
	}
}

func (t *tracker) kill(at circuit.Instant, m message.Message) {
	for _, b := range m.(*message.KillObject).ObjectData {
		o := t.objects[b.ID]
		if o == nil {
			continue
		}
		delete(t.objects, b.ID)
		if listens[ObjectKilled](t.agent) {
			emit(t.agent, ObjectKilled{at, b.ID, o.ID})
		}
	}
}

func (t *tracker) properties(at circuit.Instant, m message.Message) {
	for i := range m.(*message.ObjectProperties).ObjectData {
		p := propertiesOf(&m.(*message.ObjectProperties).ObjectData[i])
		for _, o := range t.objects {
			if o.ID == p.ID {
				o.Properties = &p
				t.tell(at, o)
			}
		}
	}
}

// see keeps an object as it is now.
func (t *tracker) see(at circuit.Instant, now Object) {
	o := t.objects[now.LocalID]
	fresh := o == nil || o.ID != now.ID
	if fresh && len(t.objects) >= maxObjects {
		return
	}
	if fresh {
		o = &Object{}
		t.objects[now.LocalID] = o
	}
	now.Properties = o.Properties
	*o = now
	t.tell(at, o)
	if listens[ObjectSeen](t.agent) {
		emit(t.agent, ObjectSeen{at, *o, fresh})
	}
	o.Flags &^= ObjectCreateSelected // it is said once: it doesn't hold for what is told later
}

// tell gives the object to those who wait for it.
func (t *tracker) tell(at circuit.Instant, o *Object) {
	taken := false
	t.waits = slices.DeleteFunc(t.waits, func(w *objectWait) bool {
		if w.once && taken || !w.match(o) {
			return false
		}
		taken = taken || w.once
		w.at = at
		w.found <- *o
		return true
	})
}

// wait waits until there is an object that match accepts, from before send is
// run. Match runs on the loop.
func (o Objects) wait(ctx context.Context, what string, w *objectWait, send func(now circuit.Instant) error) (Object, error) {
	a := o.a
	err := a.do(ctx, func(now circuit.Instant) error {
		if a.tracker == nil {
			return ErrNotTracking
		}
		a.tracker.waits = append(a.tracker.waits, w)
		return send(now)
	})
	if err != nil {
		if !errors.Is(err, ErrNotTracking) {
			a.post(func(circuit.Instant) { a.tracker.forget(w) })
		}
		return Object{}, err
	}
	select {
	case got := <-w.found:
		return got, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-a.done:
		err = a.gone()
	}
	a.post(func(circuit.Instant) { a.tracker.forget(w) })
	return Object{}, fmt.Errorf("wait for %s: %w", what, err)
}

func (t *tracker) forget(w *objectWait) {
	if t == nil {
		return
	}
	if i := slices.Index(t.waits, w); i >= 0 {
		t.waits = slices.Delete(t.waits, i, i+1)
	}
}
