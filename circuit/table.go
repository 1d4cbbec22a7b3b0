package circuit

// table finds circuits by endpoint and peer. A client's endpoint has one
// circuit mostly: that one is found by the endpoint alone, which costs one
// read of memory where a map of 10,000 costs several that no cache holds.
type table struct {
	all   map[key]*Circuit
	first []*Circuit // by endpoint: one of its circuits, or nil
}

func (t *table) find(k key) *Circuit {
	if int(k.endpoint) < len(t.first) {
		if c := t.first[k.endpoint]; c != nil && c.key.peer == k.peer {
			return c
		}
	}
	return t.all[k]
}

func (t *table) add(c *Circuit) {
	t.all[c.key] = c
	for len(t.first) <= int(c.key.endpoint) {
		t.first = append(t.first, nil)
	}
	if e := c.key.endpoint; t.first[e] == nil {
		t.first[e] = c
	}
}

func (t *table) remove(c *Circuit) {
	delete(t.all, c.key)
	if e := c.key.endpoint; t.first[e] == c {
		t.first[e] = nil
	}
}
