package memory

// expiryQueue is a heap with the entry that expires first at its root; see container/heap.
type expiryQueue []*entry

// Len is part of heap.Interface.
func (q expiryQueue) Len() int { return len(q) }

// Less is part of heap.Interface.
func (q expiryQueue) Less(i, j int) bool { return q[i].expires.Before(q[j].expires) }

// Swap is part of heap.Interface.
func (q expiryQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is part of heap.Interface.
func (q *expiryQueue) Push(x any) {
	e := x.(*entry)
	e.index = len(*q)
	*q = append(*q, e)
}

// Pop is part of heap.Interface.
func (q *expiryQueue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return e
}
