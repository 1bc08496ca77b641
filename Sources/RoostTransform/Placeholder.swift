internal import RoostSystem
