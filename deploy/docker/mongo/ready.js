// The health check of MongoDB: ready is a primary that takes writes.
// A fresh data folder has no replica set yet; the first check makes it, of this one member.
const hello = db.hello();
if (!hello.setName && hello.isreplicaset) {
  rs.initiate({ _id: "tenlines", members: [{ _id: 0, host: "mongo:27017" }] });
}
// Wait for the next check rather than here: the election takes a few seconds.
quit(hello.isWritablePrimary ? 0 : 1);
