"""The devices of the tests."""

from services.intake.hj212.devices import Device, Devices

CEMS = Device(
    mn="JX00000001", signal="industry.cems", device="JX-CEMS-1", enterprise="JX-Q-1", outlet="1"
)
DUST = Device(
    mn="JX00000002",
    signal="dust.site-monitor",
    crc="modbus",
    dust_unit="ug/m3",
    minutes=5,
    site="JX-G-1",
    town="370828001",
    lon=116.31,
    lat=35.07,
)


def devices(*more: Device) -> Devices:
    return {device.mn: device for device in (CEMS, DUST, *more)}
