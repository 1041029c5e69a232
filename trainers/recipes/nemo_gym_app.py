"""NeMo-Gym: app.py of a resources server. Its configuration:

rewardkit:
resources_servers:
rewardkit:
entrypoint: app.py
rewardkit: {guards: true, deadline: 10, remember: 1000}
"""

from rewardkit_trainers.nemo_gym import Server

if __name__ == "__main__":
    Server.run_webserver()
