// The health check of MongoDB: ready is a primary that takes writes, with every user as it should be.
//
// A fresh data folder has neither replica set nor users. The first checks make them, over the
// loopback address, where MongoDB lets the first one in without a password. Each later check sets
// right what differs: a changed secret, a missing role.
const fs = require("fs");
const crypto = require("crypto");

const SECRETS = "/run/secrets";
const NAMESPACE = process.env.TENLINES_NAMESPACE || "tenlines";
const LINES = [
  "dust", "mobile", "coal", "burning", "hotspot",
  "industry", "energy", "vocs", "livelihood", "episode", "coordination",
];
const SERVICES = [...LINES, "gateway"];

const database = (owner) => `${NAMESPACE}_${owner}`;
const own = (...owners) => owners.map((owner) => ({ role: "readWrite", db: database(owner) }));
const secret = (user) => fs.readFileSync(`${SECRETS}/mongo-${user}`, "utf8").trim();

// Each service writes its own database and the files, nobody else's. `operator` is for the person
// who verifies, backs up and restores: everything of ours, and nothing of the server.
const USERS = {
  ...Object.fromEntries(SERVICES.map((service) => [service, own(service, "files")])),
  operator: own(...SERVICES, "files"),
};

// What a user was last made from; it cannot be turned back into the password, which is random.
const mark = (password) => crypto.createHash("sha256").update(password).digest("hex");
const named = (roles) => roles.map(({ role, db }) => `${db}.${role}`).sort().join(" ");

function main() {
  const hello = db.hello();
  if (!hello.setName && hello.isreplicaset) {
    rs.initiate({ _id: "tenlines", members: [{ _id: 0, host: "mongo:27017" }] });
  }
  // Wait for the next check rather than here: the election takes a few seconds.
  if (!hello.isWritablePrimary) return 1;

  const admin = db.getSiblingDB("admin");
  const root = { user: "root", pwd: secret("root") };
  if (!enter(admin, root)) {
    admin.createUser({ ...root, roles: [{ role: "root", db: "admin" }] });
    if (!enter(admin, root)) return 1;
  }
  const there = new Map(admin.getUsers().users.map((user) => [user.user, user]));
  for (const [user, roles] of Object.entries(USERS)) {
    const pwd = secret(user);
    const found = there.get(user);
    const wanted = { pwd, roles, customData: { mark: mark(pwd) } };
    if (!found) admin.createUser({ user, ...wanted });
    else if (found.customData?.mark !== mark(pwd) || named(found.roles) !== named(roles)) {
      admin.updateUser(user, wanted);
    }
  }
  return 0;
}

function enter(admin, root) {
  try {
    return Boolean(admin.auth(root).ok);
  } catch (error) {
    return false; // nobody of that name yet, or another password: then the next step says so
  }
}

let status;
try {
  status = main();
} catch (error) {
  // Only what kind of error: what it says may repeat the command, and with it a password.
  print(`not ready: ${error.codeName || error.code || error.name}`);
  status = 1;
}
quit(status);
